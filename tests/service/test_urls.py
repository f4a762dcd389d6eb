"""One page, one key: which spellings of an address meet, and which texts are no address."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from afterword.core import urls
from afterword.core.errors import BadUrl

SAME = [
    ("https://blog.example/a", "http://blog.example/a"),
    ("https://blog.example/a", "https://blog.example/a/"),
    ("https://blog.example/a", "https://BLOG.Example/a"),
    ("https://blog.example/a", "https://blog.example:443/a"),
    ("https://blog.example/a", "https://blog.example:80/a"),
    ("https://blog.example/a", "http://blog.example:443/a"),
    ("https://blog.example/a", "https://blog.example./a"),
    ("https://blog.example/a", "https://blog.example/a#comments"),
    ("https://blog.example/a", "https://blog.example/a?"),
    ("https://blog.example/a", "https://blog.example/a?utm_source=x&utm_medium=y"),
    ("https://blog.example/a", "https://blog.example/a?UTM_Source=x"),
    ("https://blog.example/a", "https://blog.example/a?fbclid=1&gclid=2&mc_cid=3"),
    ("https://blog.example/a", "https://blog.example/a/index.html"),
    ("https://blog.example/a", "https://blog.example/a/index.php?x=1"),
    ("https://blog.example/a", "https://blog.example/a/Default.aspx"),
    ("https://blog.example/a", "https://blog.example/a/index.html/index.html"),
    ("https://blog.example/a", "https://blog.example//a//"),
    ("https://blog.example/a", "https://blog.example/b/../a"),
    ("https://blog.example/a", "https://blog.example/b/%2e%2E/./a"),
    ("https://blog.example/a", "https://blog.example/../../a"),
    ("https://blog.example/a~b", "https://blog.example/a%7Eb"),
    ("https://blog.example/%C3%BC", "https://blog.example/%c3%bc"),
    ("https://blog.example/%C3%BC", "https://blog.example/ü"),
    ("https://blog.example/100%25", "https://blog.example/100%"),
    ("https://blog.example/", "https://blog.example"),
    ("https://blog.example/", "https://blog.example?utm_campaign=x"),
    ("https://blog.example/", "https://blog.example/index.htm#top"),
    ("https://blog.example/?p=12", "https://blog.example/index.php?p=12"),
    ("https://blog.example/?p=12", "https://blog.example?x=1&p=12&utm_id=3"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://BÜCHER.example/", "https://xn--BCHER-kva.example/"),
    ("https://[::1]/", "https://[0:0:0:0:0:0:0:1]/"),
    ("https://blog.example:8080/", "http://blog.example:08080"),
]

DIFFERENT = [
    ("https://blog.example/a", "https://www.blog.example/a"),
    ("https://blog.example/a", "https://blog.example/A"),
    ("https://blog.example/a", "https://blog.example:8080/a"),
    ("https://blog.example/a", "https://blog.example/a.html"),
    ("https://blog.example/?p=1", "https://blog.example/?p=2"),
    ("https://blog.example/?p=1", "https://blog.example/"),
    ("https://blog.example/a%2Fb", "https://blog.example/a/b"),
    ("https://blog.example/?id=%FF", "https://blog.example/?id=%FE"),
]

NO_PAGE = [
    "",
    "blog.example",
    "//blog.example/a",
    "/a",
    "ftp://blog.example/",
    "javascript:alert(1)",
    "javascript://blog.example/%0aalert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "null",
    "https://",
    "https:///a",
    "https://?p=1",
    "https:/blog.example",
    "https:blog.example",
    "https:\\\\blog.example",
    "https://me@blog.example/",
    "https://me:secret@blog.example/",
    "https://good.example\\@evil.example/",
    "https://blog.example:99999/",
    "https://blog.example:0/",
    "https://blog.example:port/",
    "https://blog..example/",
    "https://.example/",
    "https://blog%2eexample/",
    "https://blog.example<script>/",
    "https://[::1/",
    "https://[1.2.3.4]/",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 127 + "example/",
    "https://\u2488.example/",
    " https://blog.example/",
    "https://blog.example/a b",
    "https://blog.example/a\tb",
    "https://blog.example/a\r\nb",
    "https://blog.example/\x00",
    "https://blog.example/\x85",
    "https://blog.example/\u2028",
    "https://blog.example/\ud800",
    "https://blog.example/" + "a" * 2048,
    "https://blog.example/" + "ü" * 2000,
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_spellings_of_one_page_share_a_key(first, second):
    assert urls.page_key(first) == urls.page_key(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_other_pages_have_other_keys(first, second):
    assert urls.page_key(first) != urls.page_key(second)


@pytest.mark.parametrize("text", NO_PAGE)
def test_what_is_no_page_address_is_refused(text):
    with pytest.raises(BadUrl):
        urls.page_key(text)


def test_a_key_is_the_host_and_the_path():
    assert urls.page_key("https://blog.example/2024/post/") == "blog.example/2024/post"
    assert urls.page_key("https://blog.example") == "blog.example/"
    assert urls.page_key("http://localhost:8000/demo") == "localhost:8000/demo"
    assert urls.page_key("https://bücher.example/ä") == "xn--bcher-kva.example/%C3%A4"


def test_only_the_known_parameters_of_a_bare_address_are_kept():
    assert urls.page_key("https://b.example/?z=1&page_id=2&id=3") == "b.example/?id=3&page_id=2"
    assert urls.page_key("https://b.example/a?p=1") == "b.example/a"


def test_a_site_may_keep_a_parameter_on_any_path():
    key = urls.page_key("https://b.example/show?v=2&lang=de&x=1", kept=("lang", "v"))
    assert key == "b.example/show?lang=de&v=2"
    assert urls.page_key("https://b.example/?p=3&x=1", kept=("lang",)) == "b.example/?p=3"


def test_a_site_may_keep_everything_but_tracking():
    url = "https://b.example/a?z=1&utm_source=x&b=2&fbclid=y&b=1"
    assert urls.page_key(url, kept=urls.ALL_BUT_TRACKING) == "b.example/a?b=2&b=1&z=1"


def test_a_tracking_parameter_is_dropped_even_when_a_site_names_it():
    assert urls.page_key("https://b.example/a?gclid=1", kept=("gclid",)) == "b.example/a"


PATH = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=40)
PIECE = st.text("abpid_=%0F+&;?/:@é", max_size=30)
KEPT = st.sampled_from([None, (), ("b", "a"), ("d_",), "*"])
HOSTS = st.sampled_from(["b.example", "www.b.example", "localhost", "xn--bcher-kva.example"])


def made(host, path, query):
    path = path.replace("#", "").replace("?", "").replace("\\", "")
    return f"{host}/{path}?{query.replace('#', '')}"


@given(HOSTS, PATH, PIECE, KEPT)
@example("b.example", "index.html/../Index.PHP//", "p=%41&%70=1", None)
@example("b.example", "%2525%%41%4%31", "p=%%41", None)
def test_a_key_read_as_an_address_gives_the_same_key(host, path, query, kept):
    key = urls.page_key("https://" + made(host, path, query), kept=kept)
    assert urls.page_key("https://" + key, kept=kept) == key


@given(HOSTS, PATH, PIECE, KEPT, st.sampled_from([*sorted(urls.TRACKING), "utm_x", "UTM_ID"]))
def test_what_does_not_make_another_page_never_changes_the_key(host, path, query, kept, tracking):
    url = made(host, path, query)
    before, _, after = url.partition("?")
    key = urls.page_key("https://" + url, kept=kept)
    assert urls.page_key("http://" + url, kept=kept) == key
    assert urls.page_key(f"HTTPS://{url}#x?y", kept=kept) == key
    assert urls.page_key(f"https://{url}&{tracking}=1", kept=kept) == key
    assert urls.page_key(f"https://{before}?{tracking}&{after}", kept=kept) == key
    assert urls.page_key("https://" + url.replace(host, host.upper(), 1), kept=kept) == key
    assert urls.page_key("https://" + url.replace(host, host + ":443", 1), kept=kept) == key
    assert urls.page_key(f"https://{before}/?{after}", kept=kept) == key


@given(st.one_of(st.text(), st.text().map("https://".__add__), st.text().map("http://a/".__add__)))
@example("https://xn--\x80/")
@example("https://\uff11\uff127.0.0.1/")
@example("http://[v1.a]/")
def test_no_text_raises_anything_but_bad_url(text):
    for read in (urls.page_key, urls.host_of, urls.origin_of, urls.origin, urls.clean_url):
        try:
            read(text)
        except BadUrl:
            continue
    try:
        key = urls.page_key(text)
    except BadUrl:
        return
    assert urls.page_key("https://" + key) == key
    assert urls.page_key(urls.clean_url(text)) == key


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("https://Blog.example", "blog.example"),
        ("http://blog.example:80", "blog.example"),
        ("https://blog.example:80/a?b", "blog.example"),
        ("http://localhost:4000", "localhost:4000"),
        ("http://[::1]:4000", "[::1]:4000"),
    ],
)
def test_http_and_https_name_one_host(written, host):
    assert urls.host_of(written) == host


def test_an_origin_keeps_its_scheme_and_unusual_port():
    assert urls.origin("HTTPS://Blog.example:443/") == "https://blog.example"
    assert urls.origin("http://blog.example:443") == "http://blog.example:443"
    assert urls.origin_of("http://localhost:8000/a/b?c#d") == "http://localhost:8000"


@pytest.mark.parametrize(
    "text", ["null", "", "*", "https://blog.example/a", "https://blog.example/?a", "blog.example"]
)
def test_a_typed_origin_with_more_or_less_than_an_origin_is_refused(text):
    with pytest.raises(BadUrl):
        urls.origin(text)


def test_a_page_is_linked_where_it_is_without_tracking():
    url = "HTTP://Blog.example:80/a//index.html?utm_source=x&b=2&fbclid=1&a=%7e#top"
    assert urls.clean_url(url) == "http://blog.example/a//index.html?b=2&a=~"
    assert urls.clean_url("https://blog.example") == "https://blog.example/"


def test_a_page_may_be_named_by_its_owner():
    assert urls.page_id_key("post-12") == "id:post-12"
    assert urls.page_id_key(" caf\u0065\u0301 ") == "id:caf\u00e9"


@pytest.mark.parametrize("page_id", ["", "  ", "a" * 201, "a\nb", "a\x00", "\ud800", "a\u2028b"])
def test_a_page_name_that_cannot_be_kept_is_refused(page_id):
    with pytest.raises(BadUrl) as refusal:
        urls.page_id_key(page_id)
    assert "page" in refusal.value.fields
