"""Text that is no HTML: which characters stay, and which addresses are taken."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from afterword.core.errors import BadEmail, BadName, BadRequest, Problem
from afterword.markup import plain

STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
ODD = st.text(
    "aé e\u0301\u0323\u0344\u0958\u200c\u200d\u094d\u0915\ufeff\u202e\r\n\t👩\ufe0f\u1100\u1161"
)


def test_line_ends_become_line_feeds():
    assert plain.clean("a\r\nb\rc\u2028d") == "a\nb\nc\nd"


def test_tabs_and_lines_stay_and_other_controls_go():
    assert plain.clean("a\tb\n\x01\x0b\x1b\x7f\x85\x9bc") == "a\tb\nc"


def test_overrides_of_the_reading_direction_go_and_marks_for_it_stay():
    assert plain.clean("a\u202eb\u2066c\u2069\ufeff") == "abc"
    assert plain.clean("א\u200fb") == "א\u200fb"


def test_text_is_composed():
    assert plain.clean("e\u0301") == "\u00e9"


def test_a_tower_of_marks_is_cut():
    towered = plain.clean("z" + "\u0315" * 1000 + "b")
    assert towered == "z" + "\u0315" * plain.MAX_MARKS + "b"


def test_a_tower_of_spacing_marks_is_cut_too():
    towered = plain.clean("\U0001d158" + "\U0001d16d\U0001d165" * 1000 + "b")
    assert len(towered) == plain.MAX_MARKS + 2


def test_marks_over_a_joiner_count_as_one_tower():
    towered = plain.clean("क" + "\u094d\u200d" * 1000 + "ष")
    assert sum(unicodedata.combining(char) > 0 for char in towered) == plain.MAX_MARKS


# Persian "I want", a Hindi conjunct, a family, a burning heart.
JOINED = [
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0915\u094d\u200d\u0937",
    "👩\u200d👩\u200d👧",
    "❤\ufe0f\u200d🔥",
]


@pytest.mark.parametrize("word", JOINED)
def test_words_and_emoji_keep_the_joiners_they_need(word):
    assert plain.clean(word) == word


@pytest.mark.parametrize(
    "text", ["vi\u200dagra", "a \u200d b", "\u200dx", "x\u200c", "a\u200d\u200db"]
)
def test_joiners_that_hide_a_word_go(text):
    assert plain.clean(text) == text.replace("\u200d", "").replace("\u200c", "")


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udfffb"])
@pytest.mark.parametrize("read", [plain.clean, plain.name, plain.title])
def test_what_no_database_stores_is_refused(read, text):
    with pytest.raises(BadRequest) as refusal:
        read(text)
    assert refusal.value.code == "bad_request"


@given(st.one_of(STORABLE, ODD))
@example("e\u200d\u0301")
@example("क" + "\u0301" * 6 + "\u0344\u200d\u0323b")
def test_clean_text_is_clean(text):
    cleaned = plain.clean(text)
    assert plain.clean(cleaned) == cleaned
    assert cleaned == unicodedata.normalize("NFC", cleaned)


@given(st.one_of(STORABLE, ODD))
def test_a_name_is_one_visible_line_and_reads_the_same_again(text):
    try:
        name = plain.name(text)
    except BadName:
        return
    assert plain.name(name) == name
    assert len(name) <= plain.MAX_NAME
    assert name == " ".join(name.split())
    assert not any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in name)


def test_a_name_is_stripped_and_collapsed():
    assert plain.name("  Ana \n\t María\u3000") == "Ana María"


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "\u2060\u00ad", "\u3164", "\u2800\u202e"])
def test_a_name_that_nobody_would_see_is_empty(text):
    assert plain.name(text) == ""


def test_a_name_hides_nothing():
    assert plain.name("Ad\u200bm\u00adi\u200dn\u202e\u200f") == "Admin"


def test_a_name_of_61_characters_is_refused():
    assert plain.name("x" * 60) == "x" * 60
    with pytest.raises(BadName) as refusal:
        plain.name("x" * 61)
    assert "61" in refusal.value.fields["name"]


def test_a_name_may_have_any_sign_since_it_is_only_ever_text():
    assert plain.name('<b>O\'Hara & "Söhne"</b>') == '<b>O\'Hara & "Söhne"</b>'


def test_a_title_is_cut_and_not_refused():
    assert plain.title("A\n title ") == "A title"
    assert plain.title(" \u200b ") is None
    cut = plain.title("x" * 400)
    assert len(cut) == plain.MAX_TITLE
    assert cut.endswith("…")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ana@example.org", "ana@example.org"),
        (" Ana.B+blog@Example.ORG ", "ana.b+blog@example.org"),
        ("o'hara@example.org", "o'hara@example.org"),
        ("root@localhost", "root@localhost"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("", None),
        ("  ", None),
    ],
)
def test_an_email_address_is_kept_with_its_domain_in_lower_case(written, kept):
    assert plain.email(written) == kept


@pytest.mark.parametrize(
    "text",
    [
        "ana",
        "@example.org",
        "ana@",
        "ana@example",
        "a@b@example.org",
        "ana@example.org, bob@example.org",
        "ana@example.org;bob@example.org",
        "ana@example.org\nBcc: bob@example.org",
        "ana@example.org\r\n",
        "ana\x00@example.org",
        "ana\u2028@example.org",
        "ana @example.org",
        "Ana <ana@example.org>",
        '"ana"@example.org',
        "ana(x)@example.org",
        "ana@[127.0.0.1]",
        "ana@example.org:25",
        "ana@exa_mple..org",
        ".ana@example.org",
        "a..b@example.org",
        "änä@example.org",
        "ana@\ud800.org",
        "x" * 65 + "@example.org",
        "x" * 60 + "@" + "y." * 100 + "example.org",
    ],
)
def test_what_is_not_one_plain_email_address_is_refused(text):
    with pytest.raises(BadEmail) as refusal:
        plain.email(text)
    assert "email" in refusal.value.fields


@given(st.one_of(st.text(), st.text("ab@.,\n\"'<>+é\x00").map(lambda text: f"a{text}@b.example")))
def test_no_text_raises_anything_but_a_problem(text):
    for read in (plain.clean, plain.name, plain.title, plain.email):
        try:
            read(text)
        except Problem:
            continue


def test_an_excerpt_has_the_words_alone():
    html = '<p>a &lt;b&gt; <em>c</em>d</p>\n<ul><li>e</li><li><a href="https://f.g">f</a></li></ul>'
    assert plain.excerpt(html, 100) == "a <b> cd e f"
    assert plain.excerpt("<p>one two three</p>", 8) == "one two…"
