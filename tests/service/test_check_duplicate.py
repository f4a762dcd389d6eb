"""The same words again."""

import pytest

from afterword.moderation import actions
from afterword.posting.edit import edit
from afterword.posting.reader import Reader
from afterword.posting.remove import remove
from afterword.spam.checks.duplicate import duplicate
from afterword.spam.verdict import Level, Writer
from afterword.threads.models import State
from tests.service.drafts import earlier, judged

SAID = (
    "I tried this on my old boat last summer and it worked better than I had expected, although "
    "the glue needs two days to dry when it is cold outside."
)
ALMOST = SAID.replace("old boat", "new boat").replace("two days", "3 days")
OTHER = (
    "What I like about this recipe is how little time it takes, and that my children eat it, which "
    "cannot be said of most things that I cook for them on a working day."
)
ADA = Writer(id="ada")


def verdict(text, *others, **told):
    return duplicate(*judged(text=text, recent=others, writer=ADA, networks=("n1",), **told))


@pytest.mark.parametrize("text", [SAID, ALMOST, SAID.upper(), f"{SAID} https://x.example/42"])
@pytest.mark.parametrize(
    "other", [earlier(SAID), earlier(SAID, author_id="bob", network="n2", page_id=2)]
)
def test_what_someone_else_said_today_waits(text, other):
    found = verdict(text, other)
    assert (found.level, found.suspicion > 0) == (Level.HOLD, True)
    assert "the same as a comment by someone else" in found.reason


@pytest.mark.parametrize("sender", [{"author_id": "ada"}, {"network": "n1"}])
def test_what_the_same_sender_said_today_waits_even_when_it_is_short(sender):
    short = "Please have a look at my page, everyone."
    assert "the same sender" in verdict(short, earlier(short, **sender)).reason
    assert verdict(short, earlier(short)).level is Level.PASS


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (SAID, earlier(OTHER)),
        (SAID, earlier(OTHER, author_id="ada")),
        ("Thanks!", earlier("Thanks!")),
        ("Thanks!", earlier("Thanks!", author_id="ada")),
        ("I had the same question.", earlier("I had the same question.")),
        ("🎉🎉🎉", earlier("🎉🎉🎉", author_id="ada")),
        (SAID, earlier(SAID, author_id="ada", state=State.REMOVED)),
        (SAID.replace("glue", "wood") + " " + OTHER, earlier(SAID, author_id="ada")),
    ],
)
def test_what_differs_is_short_or_was_taken_back_passes(text, other):
    assert verdict(text, other).level is Level.PASS


def test_what_was_marked_as_spam_today_is_known_again():
    found = verdict(ALMOST, earlier(SAID, state=State.SPAM))
    assert (found.level, found.suspicion) == (Level.HOLD, 0.9)


def test_another_language_without_spaces_is_compared_as_well():
    text = (
        "昨日の記事を読んでとても感動しました。特に船の話が面白かったので、家族にも読ませたいと"
        "思います。次の記事も楽しみにしています。"
    )
    assert verdict(text, earlier(text)).level is Level.HOLD
    other = (
        "この料理は簡単で美味しいので、毎週作っています。子供たちも大好きで、いつもおかわりを"
        "します。レシピをありがとうございました。"
    )
    assert verdict(text, earlier(other)).level is Level.PASS


@pytest.fixture
def told():
    return {"AFTERWORD_RATE_LIMITS": "off"}


SECRET = "s" * 43


@pytest.mark.parametrize("verb", ["remove", "edit"])
def test_what_was_marked_as_spam_is_known_again_whatever_its_author_does_to_it(
    app, site, context, verb
):
    from tests.service.posts import send

    first = send(SAID, token=SECRET)
    actions.spam([first.id], by="test")
    reader = Reader(token=SECRET)
    if verb == "remove":
        remove(first.id, reader=reader)
    else:
        edit(first.id, "Something else that nobody could object to.", reader=reader)
    again = send(SAID)
    assert again.state is State.PENDING
    assert any("the same as a comment that is spam" in reason for reason in again.reasons)


def test_a_copy_waits_until_the_first_is_taken_away(app, site, context):
    from tests.service.posts import send

    first = send(SAID)
    copy = send(ALMOST)
    assert (first.state, copy.state) == (State.VISIBLE, State.PENDING)
    assert any("nearly the same" in reason for reason in copy.reasons)
    actions.remove([first.id, copy.id], by="test")
    assert send(SAID).state is State.VISIBLE
