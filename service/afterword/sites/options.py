"""What an owner may choose for a site, said once: admin page, ``sites set`` and docs read it."""

from __future__ import annotations

import base64
import binascii
import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

from afterword.core import urls
from afterword.core.errors import BadUrl
from afterword.core.folding import fold
from afterword.core.i18n import LANGUAGES, stored
from afterword.core.urls import ALL_BUT_TRACKING, DEFAULT_KEPT
from afterword.sites import looks, texts
from afterword.sites.texts import Sentence

# What a site may offer beside votes, and how it looks.
REACTIONS = {
    "like": "👍",
    "love": "❤️",
    "laugh": "😄",
    "wow": "😮",
    "sad": "😢",
    "thanks": "🙏",
    "party": "🎉",
    "think": "🤔",
    "clap": "👏",
}
MOST_REACTIONS = 6
_KEY = re.compile(r"[A-Za-z0-9]{8,64}")


class WrongOption(Exception):
    """An option that does not exist or cannot have that value; its text says which may be."""


class Policy(StrEnum):
    """When a comment that no check objects to becomes visible."""

    PUBLISH = "publish"
    HOLD_FIRST = "hold-first"
    HOLD_LINKS = "hold-links"
    HOLD_SCORE = "hold-score"
    HOLD_ALL = "hold-all"


class Votes(StrEnum):
    """Which votes a site takes."""

    ON = "on"
    UP = "up"
    OFF = "off"


class SignIn(StrEnum):
    """Whether readers sign in."""

    AUTO = "auto"
    OFF = "off"
    OFFERED = "offered"
    REQUIRED = "required"


class ChatEvents(StrEnum):
    """Of which comments a chat is told."""

    HELD = "held"
    REPLIES = "replies"
    ALL = "all"


class Fediverse(StrEnum):
    """Whether replies to a page's post on the fediverse are shown, and when."""

    OFF = "off"
    HOLD = "hold"
    SHOW = "show"


def _option(
    default: Any,
    help_text: str,
    read: Callable[[str], Any],
    *,
    is_secret: bool = False,
    stays: bool = False,
) -> Any:
    """``is_secret``: shown nowhere once it is set. ``stays``: goes into no export, nor comes in."""
    said = {"help": help_text, "read": read, "secret": is_secret, "stays": stays or is_secret}
    return field(default=default, metadata=said, repr=not is_secret)


def _policy(written: str) -> Policy:
    try:
        return Policy(written)
    except ValueError:
        *others, last = Policy
        raise ValueError(
            stored("option", "must be %(others)s or %(last)s", others=", ".join(others), last=last)
        ) from None


def _votes(written: str) -> Votes:
    try:
        return Votes(written)
    except ValueError:
        raise ValueError(
            stored("option", "must be on (up and down), up (only up) or off")
        ) from None


def _sign_in(written: str) -> SignIn:
    try:
        return SignIn(written)
    except ValueError:
        raise ValueError("must be auto, off, offered or required") from None


def _chat_events(written: str) -> ChatEvents:
    try:
        return ChatEvents(written)
    except ValueError:
        raise ValueError(stored("option", "must be held, replies or all")) from None


def _fediverse(written: str) -> Fediverse:
    try:
        return Fediverse(written)
    except ValueError:
        raise ValueError(stored("option", "must be off, hold or show")) from None


def _chats(written: str) -> str:
    chats = written.split()
    if len(chats) > 10 or any("://" not in chat or len(chat) > 500 for chat in chats):
        raise ValueError(
            stored("option", "must be at most ten Apprise addresses, with spaces between them")
        )
    return " ".join(chats)


def _flag(written: str) -> bool:
    known = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}
    try:
        return known[written.lower()]
    except KeyError:
        raise ValueError(stored("option", "must be on or off")) from None


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(written: str) -> int:
        if not written.isascii() or not written.isdigit() or not low <= int(written) <= high:
            raise ValueError(
                stored(
                    "option", "must be a whole number from %(low)s to %(high)s", low=low, high=high
                )
            )
        return int(written)

    return read


def _language(written: str) -> str:
    code = written.strip()
    if code and code not in LANGUAGES:
        raise ValueError(
            stored("option", "must be one of %(known)s, or empty", known=", ".join(LANGUAGES))
        )
    return code


def _name(written: str) -> str:
    name = " ".join(written.split())
    if not name.isprintable() or len(name) > 100:
        raise ValueError(stored("option", "must be at most 100 printable characters"))
    return name


def _names(written: str) -> str:
    names = written.replace(",", " ").split()
    if len(written) > 300:
        raise ValueError(stored("option", "must be at most 300 characters"))
    return " ".join(names)


def _reactions(written: str) -> str:
    names = list(dict.fromkeys(written.replace(",", " ").split()))
    unknown = [name for name in names if name not in REACTIONS]
    if unknown:
        raise ValueError(
            stored(
                "option",
                "has no reaction %(name)s. There are: %(known)s",
                name=unknown[0],
                known=", ".join(REACTIONS),
            )
        )
    if len(names) > MOST_REACTIONS:
        raise ValueError(stored("option", "must name at most %(most)s", most=MOST_REACTIONS))
    return " ".join(names)


def _lines(written: str) -> str:
    lines = [" ".join(line.split()) for line in written.replace(",", "\n").splitlines()]
    kept = list(dict.fromkeys(line for line in lines if line))
    if len(kept) > 1000 or len(written) > 20_000:
        raise ValueError(stored("option", "must have at most 1,000 lines and 20,000 characters"))
    for line in kept:
        plain = fold(line)  # as it is looked for
        # More than one * inside could take a visitor's text long to search.
        if len(plain.replace("*", "").strip()) < 2 or "*" in plain.strip("*").replace("*", "", 1):
            raise ValueError(
                stored(
                    "option",
                    "has a line that needs two letters and at most one * inside: %(line)s",
                    line=line,
                )
            )
    return "\n".join(kept)


def _key(written: str) -> str:
    key = written.strip()
    if key and not _KEY.fullmatch(key):
        raise ValueError(
            stored("option", "must be letters and digits, as your account there shows them")
        )
    return key


def _url(written: str) -> str:
    url = written.strip()
    try:
        if url:
            urls.split(url)
    except BadUrl:
        raise ValueError(
            stored("option", "must be an address like https://checker.example/afterword")
        ) from None
    return url


def _hub(written: str) -> str:
    """In its normal form: it stands in a header of every feed."""
    url = _url(written)
    return urls.split(url).url if url else ""


def _https(written: str) -> str:
    url = _url(written)
    # Whoever could change these keys on the way could be anybody.
    if url and not url.lower().startswith("https://"):
        raise ValueError("must start with https://")
    return url


def _shared_secret(written: str) -> str:
    secret = written.strip()
    # RFC 7518, 3.2: a key of HS256 has at least the 256 bits of its digest.
    if secret and not (32 <= len(secret) <= 256 and secret.isascii() and secret.isprintable()):
        raise ValueError("must be 32 to 256 random printable characters")
    return secret


def _signing_secret(written: str) -> str:
    secret = written.strip()
    try:
        raw = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raw = b""
    if secret and not (secret.startswith("whsec_") and 24 <= len(raw) <= 64):
        raise ValueError(
            stored("option", "must be whsec_ and 24 to 64 random bytes in base64 behind it")
        )
    return secret


@dataclass(frozen=True, kw_only=True)
class Options:
    """The choices of one site."""

    name: str = _option("", "Name of the blog, shown on the thread page and in the desk.", _name)
    language: str = _option(
        "",
        "Language of the thread page and of mails to readers: en, de, fr, es, pt-BR, ja, ar. "
        "Empty: each reader's own, as their browser says it.",
        _language,
    )
    policy: Policy = _option(
        Policy.PUBLISH,
        "When comments appear: publish (at once), hold-first (an author's first waits for you), "
        "hold-links (an unknown author's waits when it has a link), hold-score (one waits when it "
        "is suspicious enough), hold-all (each waits for you).",
        _policy,
    )
    require_name: bool = _option(True, "Whether a comment needs a name.", _flag)
    require_email: bool = _option(False, "Whether a comment needs an e-mail address.", _flag)
    max_length: int = _option(5000, "Longest comment, in characters.", _number(100, 8192))
    trust_after: int = _option(
        1,
        "An author of whom you approved so many comments is known: hold-first and hold-links let "
        "the next appear at once.",
        _number(1, 20),
    )
    hold_score: int = _option(
        50,
        "With the policy hold-score: how suspicious, in percent, a comment is that waits.",
        _number(1, 100),
    )
    max_links: int = _option(
        2,
        "A comment with more links than this waits for you. Known authors may use three "
        "times as many.",
        _number(0, 20),
    )
    hold_words: str = _option(
        "",
        "Words and phrases, one a line or separated by commas, that let a comment wait: in its "
        "text, name, e-mail address or links. * stands for any letters: casino* *.example",
        _lines,
    )
    reject_words: str = _option(
        "",
        "The same for comments that are refused at once. Their authors are only told that the "
        "rules of the site refuse it.",
        _lines,
    )
    challenge: bool = _option(
        True,
        "Whether a browser whose comment looks suspicious is asked for a second of work instead of "
        "letting the comment wait for you.",
        _flag,
    )
    hold_reports: int = _option(
        3,
        "A comment that so many readers reported waits for you, unless you approved it before; 0: "
        "reports only tell you.",
        _number(0, 100),
    )
    edit_minutes: int = _option(
        15,
        "So many minutes after sending authors may change or remove what readers see of them; what "
        "waits for you they may change until you decide. 0: they change nothing.",
        _number(0, 1440),
    )
    votes: Votes = _option(
        Votes.ON,
        "Whether readers vote on comments: on (up and down), up (only up), off.",
        _votes,
    )
    reactions: str = _option(
        "",
        "Reactions that readers may give, separated by spaces, at most six of: like love laugh wow "
        "sad thanks party think clap. None: no reactions.",
        _reactions,
    )
    close_after_days: int = _option(
        0,
        "A page takes no more comments so many days after its first one; 0: pages stay open.",
        _number(0, 3650),
    )
    keep_query: str = _option(
        "",
        "Query parameters that tell pages apart, separated by spaces; * keeps all but tracking "
        "ones. Empty: p, page_id and id on the bare address.",
        _names,
    )
    https_only: bool = _option(
        False,
        "Whether only pages that came by https may send anything; else those that came by http may "
        "as well.",
        _flag,
    )
    sign_in: SignIn = _option(
        SignIn.AUTO,
        "Whether readers can sign in: auto (once a provider is set up), off, offered, required "
        "(who has not signed in cannot write).",
        _sign_in,
    )
    sso_secret: str = _option(
        "",
        "What your own blog signs its users in with (JWT, HS256): 32 to 256 random characters that "
        "only its server knows.",
        _shared_secret,
        is_secret=True,
    )
    sso_keys: str = _option(
        "",
        "Instead of it the address of the public keys (JWKS) that your blog's tokens are signed "
        "with: https://blog.example/.well-known/jwks.json",
        _https,
        stays=True,
    )
    akismet_key: str = _option(
        "",
        "Your key for Akismet. With one, comments that no check objects to are sent there, with "
        "the reader's network address, and wait when they are taken for spam.",
        _key,
        is_secret=True,
    )
    hook_url: str = _option(
        "",
        "Address of a checker of your own that is asked about comments that no other check objects "
        "to, once hook_secret is set as well.",
        _url,
        stays=True,
    )
    hook_secret: str = _option(
        "",
        "What calls of your checker are signed with (Standard Webhooks): whsec_ and 24 to 64 "
        "random bytes in base64.",
        _signing_secret,
        is_secret=True,
    )

    webhook_url: str = _option(
        "",
        "Address of your own that is told when a comment appears, waits, answers another, is "
        "changed, removed or reported, or a job is given up, once webhook_secret is set as well.",
        _url,
        stays=True,
    )
    webhook_secret: str = _option(
        "",
        "What those calls are signed with (Standard Webhooks): whsec_ and 24 to 64 random bytes in "
        "base64.",
        _signing_secret,
        is_secret=True,
    )
    chat_urls: str = _option(
        "",
        "Where you are told of comments in a chat: Apprise addresses with spaces between, such as "
        "tgram://… discord://… ntfy://… Needs the extra: pip install 'afterword[apprise]'.",
        _chats,
        is_secret=True,
    )
    chat_events: ChatEvents = _option(
        ChatEvents.HELD,
        "Of which comments a chat is told: held (those that wait or are reported), replies (those "
        "that answer a moderator too) or all (those that appear, are changed or removed too).",
        _chat_events,
    )

    look_theme: str = _option(
        "",
        "How threads look: auto (as the page around them, also without this), light, dark or "
        "paper. A page that says data-theme wins.",
        looks.theme,
    )
    look_accent: str = _option(
        "",
        "Colour of links and of the button that sends, like #b3541e. Keep it readable on your "
        "page. Empty: the colour of the page's text.",
        looks.accent,
    )
    look_radius: str = _option(
        "",
        "How round fields and buttons are: 0, 4px, 0.5em. Empty: 0.5em.",
        looks.radius,
    )
    look_density: str = _option(
        "",
        "How close together comments stand: compact, normal (also without this) or roomy.",
        looks.density,
    )
    look_font: str = _option(
        "",
        "Fonts that your pages load or readers have, by name, the first that is there is taken: "
        "Georgia, serif. Empty: the font of the page.",
        looks.font,
    )
    passages: bool = _option(
        True,
        "Whether readers may comment on words of the page that they select.",
        _flag,
    )
    webmentions: bool = _option(
        False,
        "Whether pages elsewhere may tell that they answer, like or mention a page of yours, and "
        "pages that your own comments link to are told of it (Webmention).",
        _flag,
    )
    websub_hub: str = _option(
        "",
        "Address of a hub that tells programs at once when a feed of yours has something new "
        "(WebSub), such as https://websubhub.example/. Empty: they come and look.",
        _hub,
        stays=True,
    )
    fediverse: Fediverse = _option(
        Fediverse.OFF,
        "Whether replies to the post on the fediverse that you link to a page are shown with it: "
        "off, hold (an author's first waits for you), show (the policy decides as over readers).",
        _fediverse,
        stays=True,
    )
    texts: str = _option(
        "",
        "Sentences of the widget that you say otherwise, as a JSON object of their keys (in "
        'docs/sentences.md), in whatever language a page is: {"empty": "Say hello."}',
        texts.read,
    )

    @property
    def look(self) -> dict[str, str]:
        """What of a thread's look is chosen, by the names that the widget knows."""
        chosen = {
            "theme": self.look_theme,
            "accent": self.look_accent,
            "radius": self.look_radius,
            "density": self.look_density,
            "font": self.look_font,
        }
        return {name: value for name, value in chosen.items() if value}

    @property
    def sentences(self) -> dict[str, Sentence]:
        """The widget's sentences that are said otherwise, by their keys."""
        said: dict[str, Sentence] = json.loads(self.texts or "{}")
        return said

    @property
    def offered(self) -> dict[str, str]:
        """The reactions that readers may give: names and how they look."""
        return {name: REACTIONS[name] for name in self.reactions.split()}

    @property
    def kept(self) -> tuple[str, ...] | str | None:
        """What ``core.urls.page_key`` is told about query parameters."""
        if self.keep_query == "*":
            return ALL_BUT_TRACKING
        return tuple(self.keep_query.split()) or DEFAULT_KEPT


# How threads look and what they say: typed where one sees what comes of it.
LOOK = ("look_theme", "look_accent", "look_radius", "look_density", "look_font", "texts")
SECRET = frozenset(f.name for f in fields(Options) if f.metadata["secret"])
# What says to whom comments go, or from whom they come: with a file from elsewhere they would go to
# whoever wrote it, and come from them for ever.
STAYING = frozenset(f.name for f in fields(Options) if f.metadata["stays"])


KINDS: Final = {
    "policy": Policy,
    "votes": Votes,
    "sign_in": SignIn,
    "chat_events": ChatEvents,
    "fediverse": Fediverse,
}


def of(stored: Mapping[str, Any]) -> Options:
    """The options that a site's row stores, defaults filled in."""
    known = {f.name for f in fields(Options)}
    values = {name: value for name, value in stored.items() if name in known}
    for name, kind in KINDS.items():
        if name in values:
            values[name] = kind(values[name])
    return Options(**values)


def change(stored: Mapping[str, Any], written: Mapping[str, str]) -> dict[str, Any]:
    """The stored options with these changes. Raises WrongOption, and then nothing is changed."""
    table = {f.name: f for f in fields(Options)}
    changed = dict(stored)
    for name, text in written.items():
        if name not in table:
            near = difflib.get_close_matches(name, table, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(table)}."
            raise WrongOption(f"There is no option {name}.{hint}")
        try:
            value = table[name].metadata["read"](text)
        except ValueError as error:
            shown = "" if name in SECRET or len(text) > 100 else f" (it is {text!r})"
            raise WrongOption(f"{name} {error}{shown}.") from None
        changed[name] = value
        if value == table[name].default:
            del changed[name]
    return changed


def tried(options: Options, written: Mapping[str, str]) -> Options:
    """Options as these changes would make them; nothing is stored. Raises WrongOption."""
    return of(change(change({}, _all_written(options)), written))


def names() -> list[str]:
    """The names of all options, in the order of the documentation."""
    return [f.name for f in fields(Options)]


def table() -> list[tuple[str, str, str]]:
    """(name, default, help) of every option, in the order of the documentation."""
    return [
        (f.name, _written(f.default), f.metadata["help"])
        for f in fields(Options)
        if f.default is not MISSING
    ]


def written(options: Options) -> dict[str, str]:
    """Options as an owner would type them: what ``change`` takes. Without those that are secret."""
    return {name: text for name, text in _all_written(options).items() if name not in SECRET}


def held(options: Options) -> frozenset[str]:
    """Which secret options are set. What they are, nobody is shown."""
    return frozenset(name for name in SECRET if getattr(options, name))


def portable(options: Options) -> dict[str, str]:
    """Options as they go into an export."""
    return {name: text for name, text in written(options).items() if name not in STAYING}


def _all_written(options: Options) -> dict[str, str]:
    return {f.name: _written(getattr(options, f.name)) for f in fields(Options)}


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
