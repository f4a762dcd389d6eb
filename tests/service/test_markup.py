"""What a comment may look like, and which texts are no comment."""

import logging

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it.ruler import Ruler
from mdurl import _decode, _encode

from afterword.core.errors import BadRequest, BadWebsite, Empty, Problem, TooLong
from afterword.markup import allowed, links
from afterword.markup import render as renderer
from afterword.markup.render import render, sanitise

REL = 'rel="nofollow ugc noopener noreferrer"'


def link(href, text=None):
    return f'<a href="{href}" {REL}>{text or href}</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        (
            "```python\nif a < b:\n```",
            '<pre><code class="language-python">if a &lt; b:\n</code></pre>',
        ),
        ("```\na\n```", "<pre><code>a\n</code></pre>"),
        ("# Title", "<p><strong>Title</strong></p>"),
        ("Best regards\n--\nAna", "<p>Best regards<br>\n--<br>\nAna</p>"),
        ("|a|b|\n|-|-|\n|c|d|", "<p>|a|b|<br>\n|-|-|<br>\n|c|d|</p>"),
        ("1 < 2 & 3 > 2", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>"),
        ("<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>"),
        ("&lt;b&gt; &copy;", "<p>&lt;b&gt; ©</p>"),
        ("list.pop and www.a.example", "<p>list.pop and www.a.example</p>"),
        ("me@a.example", "<p>me@a.example</p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("a &#x202e;b&#xFEFF;", "<p>a b</p>"),
    ],
)
def test_markdown_becomes_plain_safe_html(text, html):
    assert render(text).strip() == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("https://a.example/b?c=1&d=2", link("https://a.example/b?c=1&amp;d=2")),
        ("[a](https://b.example)", link("https://b.example", "a")),
        ("[a](HTTP://B.example 'title')", link("HTTP://B.example", "a")),
        ("[a][b]\n\n[b]: https://b.example", link("https://b.example", "a")),
        ("(https://a.example/b_(c)).", "(" + link("https://a.example/b_(c)") + ")."),
        ("https://a.example/b, c", link("https://a.example/b") + ", c"),
        ("*https://a.example/b*", "<em>" + link("https://a.example/b") + "</em>"),
        ("https://a.example\u3002", link("https://a.example") + "\u3002"),
        ("http://[::1]:8000/a", link("http://[::1]:8000/a")),
        ("http:// a", "http:// a"),
        ("<https://a.example>", link("https://a.example")),
        ("[a](mailto:b@c.example)", link("mailto:b@c.example", "a")),
        ("[a](https://b.example/O'R)", link("https://b.example/O%27R", "a")),
        ("![a](https://b.example/c.png)", link("https://b.example/c.png", "a")),
        (
            "![](https://b.example/c.png)",
            link("https://b.example/c.png", "https://b.example/c.png"),
        ),
        ("![*a* <b>][c]\n\n[c]: https://b.example/", link("https://b.example/", "a &lt;b&gt;")),
        (
            "[![a](https://b.example/c.png) b](https://d.example/)",
            link("https://d.example/", "a b"),
        ),
        ("![a](javascript:alert)", "![a](javascript:alert)"),
        (
            "https://b\u00fccher.example",
            link("https://xn--bcher-kva.example", "https://b\u00fccher.example"),
        ),
    ],
)
def test_links_are_followed_by_no_search_engine_and_tell_nothing(text, html):
    assert render(text).strip() == f"<p>{html}</p>"


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "javascript:123",
        "JAVASCRIPT:1",
        "data:text/html,1",
        "vbscript:1",
        "file:///etc/passwd",
        "ftp://a.example",
        "//evil.example",
        "/logout",
        "#top",
        "a.html",
        "http:evil.example",
        "http:///evil.example",
        "https://user@evil.example",
        "https://user:pass@evil.example/",
    ],
)
def test_other_links_stay_text(href):
    assert "<a" not in render(f"[a]({href}) <{href}> {href}")
    assert "href" not in sanitise(f'<a href="{href}">a</a>')


@pytest.mark.parametrize(
    "text",
    [
        "https://p\u0430ypal.example",
        "https://\u0430\u0440\u0440\u04cf\u0435.example",
        "<https://p\u0430ypal.example/x>",
    ],
)
def test_a_host_that_looks_like_another_is_shown_as_punycode(text):
    html = render(text)
    assert html.count("xn--") == 2
    assert "\u0430" not in html


@pytest.mark.parametrize(
    "host",
    [
        "b\u00fccher.de",
        "\u65e5\u672c\u8a9e.jp",
        "\u043f\u0440\u0438\u0432\u0435\u0442.\u0440\u0444",
    ],
)
def test_an_honest_host_is_shown_in_its_script(host):
    assert links.shown(f"https://{host}/") == f"https://{host}/"
    assert f">https://{host}<" in render(f"https://{host}")


def test_a_text_may_be_as_long_as_the_site_says():
    assert render("x y " * 1250)
    with pytest.raises(TooLong, match="1 character too long"):
        render("x " * 2500 + "x")
    with pytest.raises(TooLong, match="2 characters too long"):
        render("x " * 11, limit=20)


def test_no_site_may_take_more_than_the_hard_limit():
    assert render(("x " * 4096)[:8192], limit=100_000)
    with pytest.raises(TooLong):
        render(("x " * 4097)[:8193], limit=100_000)
    with pytest.raises(TooLong):
        render("x" * 1_000_000, limit=10_000_000)


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "\u200b", "\u3164", "&nbsp;", "[a]: https://b.example", "---", "```\n```", "#"],
)
def test_a_text_without_a_word_is_empty(text):
    with pytest.raises(Empty) as refusal:
        render(text)
    assert refusal.value.code == "empty"


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "a\ud800", "\udfff"])
def test_what_no_database_stores_is_refused(text):
    with pytest.raises(BadRequest, match="cannot be stored"):
        render(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * 501, "500"),
        ("https://a.example/" + "b" * 490, "500"),
        *((sign * 51, "50") for sign in "[!>*`_~"),
        ("![" * 26, "50"),
        ("https://a.example " * 21, "20 links"),
        ("[a] " * 21 + "\n\n[a]: https://a.example", "20 links"),
        ("> " * 21 + "a", "nested"),
        ("- " * 12 + "a", "nested"),
        ("#\n" * 2000, "formatting"),
    ],
)
def test_a_text_that_nobody_writes_is_refused_with_a_reason(text, reason):
    with pytest.raises(BadRequest, match=reason) as refusal:
        render(text)
    assert "text" in refusal.value.fields


def test_a_long_word_in_a_script_without_spaces_is_fine():
    assert render("\u5b57" * 2000)


def test_what_is_nested_within_the_limit_keeps_its_words():
    assert "deep" in render("> " * 17 + "deep")


@pytest.mark.parametrize("text", ["> " * n + "word" for n in range(1, 30)])
def test_no_words_are_lost_by_nesting(text):
    try:
        assert "word" in render(text)
    except BadRequest as refusal:
        assert refusal.code == "bad_request"  # noqa: PT017 - one of the two has to happen


def test_a_fault_of_the_parser_costs_the_look_and_not_the_words(monkeypatch, caplog):
    def fail(*_):
        raise IndexError

    monkeypatch.setattr(renderer, "_markdown_html", fail)
    with caplog.at_level(logging.ERROR):
        assert render("a <b>\nc") == "<p>a &lt;b&gt;<br>\nc</p>"
    assert len(caplog.records) == 1
    assert "<b>" not in caplog.records[0].getMessage()


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>a</p><script>alert(1)</script>", "<p>a</p>"),
        ("<style>p{}</style>a", "a"),
        ("<div>a</div><h2 class=x>b</h2>c", "<p>a</p><p>b</p>c"),
        ('<p style="x" id="y" onclick="z">a</p>', "<p>a</p>"),
        ('<img src="https://a.example/pixel.png">a', "a"),
        ('<a href="https://b.example" target="_top">a</a>', link("https://b.example", "a")),
        ('<a href="https://b.example/x\'y">a</a>', link("https://b.example/x%27y", "a")),
        ('<a href="&#106;avascript:alert(1)">a</a>', f"<a {REL}>a</a>"),
        ('<code class="language-c++">a</code>', '<code class="language-c++">a</code>'),
        ('<code class="language-c admin">a</code>', "<code>a</code>"),
        ('<ol start="7"><li>a</li></ol>', '<ol start="7"><li>a</li></ol>'),
        ('<ol start="-7" type="a"><li>a</li></ol>', "<ol><li>a</li></ol>"),
        ("a&#x202E;b&#8238;c", "abc"),
        ("<b>a<i>b</b>c", "<b>a<i>b</i></b><i>c</i>"),
        ("<table><tr><td>a</td></tr></table>", "a"),
        ("<!-- a -->b", "b"),
    ],
)
def test_imported_html_keeps_what_a_comment_may_hold(html, kept):
    assert sanitise(html) == kept


@pytest.mark.parametrize("depth", [100, 1000])
def test_words_of_html_that_nests_without_end_cannot_turn_the_line_around(depth):
    made = sanitise("<blockquote>" * depth + "gpj.&#x202E;exe &lt;b&gt;")
    assert "\u202e" not in made
    assert "gpj.exe &lt;b&gt;" in made


def test_imported_html_that_nests_without_end_keeps_its_words():
    assert sanitise("<blockquote>a " * 3000).startswith("<p>a a a")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", None),
        ("  ", None),
        ("example.com", "https://example.com/"),
        (" www.example.com/me ", "https://www.example.com/me"),
        ("http://Example.com", "http://example.com/"),
        ("HTTPS://example.com:443/#about", "https://example.com/#about"),
        ("example.com:8080/a?b=1&c=2", "https://example.com:8080/a?b=1&c=2"),
        ("localhost:3000", "https://localhost:3000/"),
        ("https://b\u00fccher.example/\u00e4", "https://xn--bcher-kva.example/%C3%A4"),
        ("example.com/O'Hara", "https://example.com/O%27Hara"),
    ],
)
def test_a_website_is_kept_as_an_absolute_link(written, kept):
    assert links.website(written) == kept
    assert kept is None or links.website(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "javascript:123",
        "JavaScript://example.com/%0aalert(1)",
        "data:text/html,x",
        "data:1",
        "mailto:me@example.com",
        "ftp://example.com",
        "//evil.example",
        "\\\\evil.example",
        "/me",
        "me",
        "me@example.com",
        "https://me@example.com",
        "https://example",
        "https://",
        "https:example.com",
        "https:/example.com",
        "example.com/a b",
        "example.com\n",
        "exa\tmple.com/\nx",
        "example.com/\x00",
        "https://example.com/\ud800",
        'https://example.com" onclick="alert(1)',
        "https://example.com' onclick='alert(1)",
        "https://[::1]/",
        "example.com/" + "x" * 300,
    ],
)
def test_what_is_no_website_is_refused(text):
    if text == "example.com\n":
        assert links.website(text) == "https://example.com/"
        return
    with pytest.raises(BadWebsite) as refusal:
        links.website(text)
    assert "website" in refusal.value.fields


@given(st.text())
@example("\u2003javascript:1")
@example("xn--\u00df.com")
def test_a_website_is_safe_or_refused(text):
    try:
        website = links.website(text)
    except BadWebsite:
        return
    assert website is None or (allowed.href_ok(website) and website.startswith("http"))


MARKS = st.text("ab \n\t*_`~[]()<>!#->&;:/\\\"'1.=|{}\u200d\u0301\u5b57\U0001f469", max_size=200)


@given(st.one_of(st.text(), MARKS))
@example("```&#x20;\ntest\n```")
def test_no_text_raises_anything_but_a_problem(text):
    try:
        html = render(text)
    except Problem:
        return
    assert sanitise(html) == html


def test_the_parser_is_whole_before_threads_share_it(monkeypatch):
    parser = renderer._markdown()

    def compile_late(*_):
        raise AssertionError("whoever parses meanwhile finds no rules, and an empty comment")

    class Made(dict):
        __setitem__ = compile_late

    monkeypatch.setattr(Ruler, "__compile__", compile_late)
    monkeypatch.setattr(_encode, "encode_cache", Made(_encode.encode_cache))
    monkeypatch.setattr(_decode, "decode_cache", Made(_decode.decode_cache))
    assert parser.render("*a*\n\n- b") == "<p><em>a</em></p>\n<ul>\n<li>b</li>\n</ul>\n"
    address = "https://a.example/%C3%A4"
    assert parser.render(address) == f'<p><a href="{address}">https://a.example/ä</a></p>\n'
