"""The languages that people are spoken to in; sentences, numbers and days in each.

Sentences stand in the code in English; ``translations/`` holds what they are in other languages
(gettext). Which language is spoken is known per context: a request sets it, a job asks for that of
whom it writes to.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from babel import Locale, dates, lists, numbers, units
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from afterword.core import clock

FOLDER: Final = Path(__file__).parent.parent / "translations"
_ENDS: Final = re.compile(r"(?<=\.) ")
_VALUE: Final = re.compile(r"%\\\((\w+)\\\)s")  # as ``re.escape`` leaves it

_MOST_KINDS: Final = 200  # among the numbers to it is one of every kind, in every language


@dataclass(frozen=True)
class Language:
    """One language that the service speaks. ``name`` is what its speakers call it."""

    code: str  # BCP 47, as in ``<html lang>``
    name: str
    locale: str  # whose dates and numbers it uses
    direction: str = "ltr"


ENGLISH: Final = Language("en", "English", "en_GB")
LANGUAGES: Final = {
    language.code: language
    for language in (
        ENGLISH,
        Language("de", "Deutsch", "de"),
        Language("fr", "Français", "fr"),
        Language("es", "Español", "es"),
        Language("pt-BR", "Português (Brasil)", "pt_BR"),
        Language("ja", "日本語", "ja"),
        Language("ar", "العربية", "ar", "rtl"),
    )
}

_spoken: ContextVar[Language] = ContextVar("language", default=ENGLISH)


def language() -> Language:
    """The language that is spoken now."""
    return _spoken.get()


def speak(code: str) -> None:
    """Speak this language from here on; English where the service does not know it."""
    _spoken.set(LANGUAGES.get(code, ENGLISH))


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak this language inside of the block."""
    before = _spoken.set(LANGUAGES.get(code, ENGLISH))
    try:
        yield
    finally:
        _spoken.reset(before)


def _(message: str, /, **values: object) -> str:
    """A sentence in the language that is spoken. Whole numbers in it are written as there."""
    return _catalogue().gettext(message) % _written(values)


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """The same for so many of something, which the sentence may name as ``%(n)s``."""
    return _catalogue().ngettext(one, many, n) % _written({"n": n, **values})


def pgettext(context: str, message: str, /, **values: object) -> str:
    """The same for a word that means several things: ``context`` says which."""
    return _catalogue().pgettext(context, message) % _written(values)


def n_(one: str, many: str) -> tuple[str, str]:
    """Both messages themselves: to be said by ``ngettext`` when it is known how many there are."""
    return one, many


def N_(message: str) -> str:
    """The message itself: marked to be translated where it is shown, by ``_``."""
    return message


def NC_(context: str, message: str) -> str:
    """The message itself: marked to be translated where it is shown, by ``pgettext``."""
    del context  # for those who gather the messages
    return message


def entry(sentences: Mapping[str, str], name: str) -> str | None:
    """The sentence of this name in a table of marked ones, said; None where there is none."""
    return _(sentences[name]) if name in sentences else None


def stored(context: str, message: str, /, **values: object) -> str:
    """An English sentence to keep, which ``retold`` will know again in any language.

    ``context`` is what such sentences are. Values are put in as text.
    """
    del context
    return message % values


def retold(context: str, sentence: str) -> str:
    """What ``stored`` made, in the language that is spoken; others' sentences as they are."""
    for end in _ENDS.finditer(sentence):  # several, one after the other
        first = _retold(context, sentence[: end.start()])
        if first is not None:
            return f"{first} {retold(context, sentence[end.end() :])}"
    return _retold(context, sentence) or sentence


def stored_messages(context: str) -> list[str]:
    """Every message that ``stored`` may be given in this context, as far as it is translated."""
    return [message for _pattern, message in _patterns(language().code).get(context, ())]


def _retold(context: str, sentence: str) -> str | None:
    for pattern, message in _patterns(language().code).get(context, ()):
        found = pattern.fullmatch(sentence)
        if found is not None:
            return pgettext(context, message, **found.groupdict())
    return None


def forms(one: str, many: str) -> dict[str, str]:
    """What ``ngettext`` would say, for each kind of number that the language tells apart (CLDR).

    For scripts, whose ``Intl.PluralRules`` says of which kind a number is. It stands as ``{n}``.
    """
    rule = Locale.parse(language().locale).plural_form
    kinds = {rule(n): n for n in range(_MOST_KINDS, -1, -1)}
    return {kind: _catalogue().ngettext(one, many, n) % {"n": "{n}"} for kind, n in kinds.items()}


def number(value: float) -> str:
    """A number with the language's own marks between its digits."""
    return numbers.format_decimal(value, locale=language().locale)


def percent(share: float) -> str:
    """A share from 0 to 1 as whole percents."""
    return numbers.format_percent(share, locale=language().locale)


def moment(when: dt.datetime, *, length: Literal["medium", "long"] = "long") -> str:
    """A time in words: 23 November 2026, 06:02 UTC."""
    when = when.astimezone(clock.UTC)
    return _(
        "%(day)s, %(time)s UTC",
        day=day(when.date(), length=length),
        time=dates.format_time(when, "HH:mm", locale=language().locale),
    )


def day(date: dt.date, *, length: Literal["medium", "long"] = "long") -> str:
    """A day in words: 23 November 2026."""
    return dates.format_date(date, length, locale=language().locale)


def unit(value: float, name: str, *, length: Literal["short", "long"] = "long") -> str:
    """So much of something that is measured: 3 hours. ``name`` is CLDR's."""
    return units.format_unit(value, name, length, locale=language().locale)


def all_of(parts: list[str]) -> str:
    """Words in a row, as the language lists them: a, b and c."""
    return lists.format_list(parts, locale=language().locale)


def equip(environment: Environment) -> None:
    """Let templates speak: ``_()``, ``{% trans %}``, ``language()``, numbers and days."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    vars(environment)["newstyle_gettext"] = True  # values go to the functions below
    environment.globals.update(
        _=_said,
        gettext=_said,
        ngettext=_said_of_many,
        pgettext=_said_in,
        forms=forms,
        language=language,
    )
    environment.filters.update(number=number, percent=percent)


@pass_context
def _said(context: Context, message: str, /, **values: object) -> str:
    return _filled(context, _catalogue().gettext(message), values)


@pass_context
def _said_of_many(context: Context, one: str, many: str, n: int, /, **values: object) -> str:
    return _filled(context, _catalogue().ngettext(one, many, n), {"n": n, **values})


@pass_context
def _said_in(context: Context, meaning: str, message: str, /, **values: object) -> str:
    return _filled(context, _catalogue().pgettext(meaning, message), values)


def _filled(context: Context, message: str, values: Mapping[str, object]) -> str:
    """Put values into a message of a catalogue, which may hold HTML: only they are escaped."""
    if context.eval_ctx.autoescape:
        return Markup(message) % _written(values)  # noqa: S704 - ours, see above
    return message % _written(values)


def _written(values: Mapping[str, object]) -> dict[str, object]:
    """Values as a sentence holds them."""
    return {name: number(value) if type(value) is int else value for name, value in values.items()}


def _catalogue() -> NullTranslations:
    return _catalogue_of(language().code)


@cache
def _catalogue_of(code: str) -> NullTranslations:
    """The sentences of a language; none for English, where each stands for itself.

    Compiled when the first one asks (a tenth of a second): so nobody who changes a sentence or
    installs the service needs a tool for it.
    """
    if code == ENGLISH.code:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def catalogue(code: str) -> Catalog:
    """The file of a language, message by message."""
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=Locale.parse(LANGUAGES[code].locale))


@cache
def _patterns(code: str) -> dict[str, list[tuple[re.Pattern[str], str]]]:
    """How the sentences look that ``stored`` makes of each message, the longest first."""
    if code == ENGLISH.code:
        return {}
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for message in sorted(catalogue(code), key=lambda one: -len(one.id)):
        if message.context and isinstance(message.id, str):
            pattern = _VALUE.sub(r"(?P<\1>.+?)", re.escape(message.id).replace("%%", "%"))
            found.setdefault(message.context, []).append(
                (re.compile(pattern, re.DOTALL), message.id)
            )
    return found
