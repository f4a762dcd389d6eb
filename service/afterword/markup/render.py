"""A comment's Markdown to the HTML that is stored and served: the one door for HTML.

Markdown without raw HTML, its pictures as links -> nh3 -> bleach -> nh3, all with the list in
``allowed``. Bleach gets no more security releases, so it never has the last word; nh3 parses
independently. What the first gate leaves as plain as ``prose`` knows, the others would leave as it
is.
"""

from __future__ import annotations

import html
import logging
import re
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import bleach
import nh3
from linkify_it import LinkifyIt  # type: ignore[import-untyped]  # publishes no types
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from afterword.core.errors import BadRequest, Empty, Problem, TooLong
from afterword.core.i18n import _, ngettext
from afterword.markup import allowed, links, plain, prose

# Stored beside the HTML; raised when the same text would now give other HTML.
RENDERER: Final = "2"

MAX_LENGTH: Final = 8192
MAX_LINKS: Final = 20
MAX_NESTING: Final = 20
MAX_HTML: Final = 64 * 1024
# Bleach takes some 25 microseconds a tag: this many keep a render well under its 250 ms.
MAX_TAGS: Final = 4000
# A parser looks through all open tags at many a new one: 16,000 took it seconds.
MAX_OPEN: Final = 500
# No text of an accepted length weighs more before it is cleaned.
_MAX_RAW: Final = 64 * 1024

# Shapes that cost Markdown parsers quadratic time and that no reader writes.
_LONG_RUN = re.compile(r"[!-~]{501}")
_MANY_MARKS = re.compile(r"[\[!>*`_~]{51}")

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)[^<>]*>?")
# What is never inside its like: nobody has to end them.
_LEFT_OPEN = frozenset({"br", "hr", "img", "input", "p", "wbr"})
_BLOCK_OF_OLD = re.compile(r"<(/?)(?:div|h[1-6])\b[^<>]*>", re.IGNORECASE)

_log = logging.getLogger(__name__)


def render(text: str, *, limit: int = 5000) -> str:
    """The safe HTML of a visitor's Markdown. Raises BadRequest, Empty, TooLong."""
    source = accepted(text, limit=min(limit, MAX_LENGTH))
    try:
        made = sanitise(_markdown_html(source))
    except Problem:
        raise
    except Exception:
        # A parser's fault must not cost a reader the words (mistune had such a crash).
        _log.exception("a comment could not be rendered; it is shown as plain text")
        made = _as_plain(source)
    if plain.shows_nothing(made):
        raise Empty(_("Please write something."))
    return made


def sanitise(html_text: str) -> str:
    """HTML from outside (an import) with only what a comment may hold. Raises BadRequest."""
    plain.refuse_unstorable(html_text, field="text")
    if _is_piled(html_text):
        words = html.unescape(_TAG.sub(" ", html_text)).split()
        return _as_plain(plain.visible(" ".join(words)))
    # An unwrapped div or heading would glue its words to its neighbour's.
    kept = _GATE.clean(_BLOCK_OF_OLD.sub(r"<\1p>", html_text))
    has_many_tags = kept.count("<") > 3 * MAX_TAGS
    if not has_many_tags and prose.is_clean(kept):
        return kept
    if has_many_tags or _is_deep(kept):
        return _as_plain(plain.visible(plain.excerpt(kept, len(kept))))
    # Character references are read by now: `&#x202E;` has become what `visible` takes out.
    return _GATE.clean(plain.visible(_cleaner().clean(kept)))


def from_html(text: str, *, limit: int) -> str:
    """The safe HTML of an import's HTML that somebody has changed. Raises as ``render`` does."""
    if len(text) > limit:
        raise _too_long(len(text) - limit)
    made = sanitise(text)
    if plain.shows_nothing(made):
        raise Empty(_("Please write something."))
    return made


def accepted(text: str, *, limit: int) -> str:
    if len(text) > _MAX_RAW:
        raise _too_long(len(text) - limit)
    source = plain.clean(text)
    if plain.is_blank(source):
        raise Empty(_("Please write something."))
    if len(source) > limit:
        raise _too_long(len(source) - limit)
    if _LONG_RUN.search(source):
        raise BadRequest(_("The text has a word of more than 500 characters."), field="text")
    if _MANY_MARKS.search(source):
        raise BadRequest(_("The text has more than 50 signs like * or > in a row."), field="text")
    return source


def _too_long(excess: int) -> TooLong:
    sentence = ngettext(
        "The text is %(n)s character too long.", "The text is %(n)s characters too long.", excess
    )
    return TooLong(sentence)


def _markdown_html(source: str) -> str:
    made = prose.paragraphs(source)
    if made is None:
        made = _parsed(source)
    if len(made) > MAX_HTML or made.count("<") > MAX_TAGS:
        raise BadRequest(_("The text uses too much formatting."), field="text")
    return made


def _parsed(source: str) -> str:
    env: dict[str, Any] = {}
    tokens = _MARKDOWN.parse(source, env)
    # Beyond its limit the parser drops the content, and words would be lost without a word.
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        raise BadRequest(_("Quotes and lists are nested too deeply."), field="text")
    opened = (child for token in tokens for child in token.children or ())
    if sum(child.type in {"link_open", "image"} for child in opened) > MAX_LINKS:
        raise BadRequest(_("The text has more than %(most)s links.", most=MAX_LINKS), field="text")
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env))


def _as_plain(text: str) -> str:
    return "<p>" + html.escape(text, quote=False).replace("\n", "<br>\n") + "</p>"


class _Markdown(MarkdownIt):
    """Markdown whose links follow our rule, not the library's list of bad schemes."""

    def normalizeLink(self, url: str) -> str:
        return links.without_quotes(super().normalizeLink(url))

    def validateLink(self, url: str) -> bool:
        return allowed.href_ok(url)

    def normalizeLinkText(self, url: str) -> str:
        return links.shown(super().normalizeLinkText(url))


class _Renderer(RendererHTML):
    """Headings as bold paragraphs: a comment must not change the outline of the owner's page.

    Pictures as links: the page of whoever reads asks nobody for them.
    """

    def heading_open(self, _tokens: Sequence[Token], _at: int, _options: Any, _env: Any) -> str:
        return "<p><strong>"

    def heading_close(self, _tokens: Sequence[Token], _at: int, _options: Any, _env: Any) -> str:
        return "</strong></p>\n"

    def image(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        address = str(tokens[at].attrGet("src"))
        words = self.renderInlineAsText(tokens[at].children or [], options, env).strip()
        shown = html.escape(words or _MARKDOWN.normalizeLinkText(address), quote=False)
        # In a link, it is the words of that one.
        depth = sum(token.nesting for token in tokens[:at] if token.type.startswith("link_"))
        return shown if depth else f'<a href="{html.escape(address)}">{shown}</a>'


def _markdown() -> MarkdownIt:
    markdown = _Markdown(
        "js-default",
        {"html": False, "linkify": True, "breaks": True, "maxNesting": MAX_NESTING},
        renderer_cls=_Renderer,
    )
    # The library's own pattern for hosts takes 2^n steps for n labels of punycode (2.2.0: seconds
    # for `http://xn--a.xn--a...` of 131 characters), so ours finds the end of an address. And only
    # what says http:// or https:// becomes a link: `list.pop` and mail addresses stay text.
    markdown.linkify = LinkifyIt(
        schemas={
            "http:": {"validate": _address_length},
            **dict.fromkeys(("ftp:", "mailto:", "//")),
        },
        options={"fuzzy_link": False, "fuzzy_email": False},
    )
    # Tables: 4 kB of | make 762 kB of cells. lheading: a signature's -- makes a title of the text.
    markdown.disable(["table", "lheading", "html_block", "html_inline"])
    # Each compiles its rules when it is first asked for them, and has none for whoever asks
    # meanwhile: of the first comments, which threads render together, some would lose all words.
    # So it is with the tables by which addresses are written and shown.
    inline = markdown.inline
    for ruler in (markdown.core.ruler, markdown.block.ruler, inline.ruler, inline.ruler2):
        ruler.getRules()
    markdown.normalizeLinkText(markdown.normalizeLink("http://a.example/"))
    return markdown


def _address_length(_linkify: LinkifyIt, text: str, start: int) -> int:
    return links.address_length(text, start)


def _nh3_attribute(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        value = links.without_quotes(value)
    return value if attribute == "rel" or allowed.attribute_ok(tag, attribute, value) else None


_MARKDOWN = _markdown()
_GATE = nh3.Cleaner(
    tags=set(allowed.TAGS),
    attributes={tag: set(names) for tag, names in allowed.ATTRIBUTES.items()},
    attribute_filter=_nh3_attribute,
    url_schemes=set(allowed.SCHEMES),
    url_relative="deny",
    link_rel=allowed.REL,
)
_local = threading.local()


def _cleaner() -> bleach.Cleaner:
    """Bleach's gate; its parser holds state, so each thread has its own."""
    if not hasattr(_local, "cleaner"):
        _local.cleaner = bleach.Cleaner(
            tags=allowed.TAGS,
            attributes=allowed.attribute_ok,
            protocols=allowed.SCHEMES,
            strip=True,
        )
    cleaner: bleach.Cleaner = _local.cleaner
    return cleaner


def _is_piled(html_text: str) -> bool:
    """Whether so many tags are open at once that a parser of HTML takes long."""
    left: Counter[str] = Counter()
    depth = 0
    for found in _TAG.finditer(html_text):
        name = found[2].lower()
        if name in _LEFT_OPEN or (found[1] and not left[name]):
            continue
        left[name] += -1 if found[1] else 1
        depth += -1 if found[1] else 1
        if depth > MAX_OPEN:
            return True
    return False


def _is_deep(html_text: str) -> bool:
    """Whether tags nest so deep that bleach, which walks the stack for each, takes seconds."""
    depth = 0
    for found in re.finditer(r"<(/?)([a-z]+)", html_text):
        if found[2] not in {"br", "hr"}:
            depth += -1 if found[1] else 1
        if depth > 3 * MAX_NESTING:
            return True
    return False
