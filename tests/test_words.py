"""What the service says is marked, and translated with the same values and tags as in English."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from afterword.core import i18n
from afterword.moderation import rules
from tests import words

TRANSLATED = [code for code in i18n.LANGUAGES if code != i18n.ENGLISH.code]
TEMPLATES = sorted((words.SOURCE / "afterword").glob("**/templates/**/*.html"))
_VALUE = re.compile(r"%\((\w+)\)s")
_TAG = re.compile(r"</?\w+[^>]*>")
# What stands between tags and attributes is no text: comments, statements, expressions, what is
# marked, and the programs of a page.
_NO_TEXT = re.compile(
    r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}"
    r"|<(script|style|code|kbd)\b.*?</\1>|<[^<>]*>|&\w+;",
    re.DOTALL,
)
_READ_OUT = re.compile(r'\b(?:aria-label|alt|placeholder|title)="([^"{]*[A-Za-z]{2}[^"{]*)"')
# Names and templates that speak English on purpose.
NAMES = {"Afterword", "UTC", "0.5em", "Georgia, serif", "mastodon.social"}
ENGLISH_ONLY = {
    "demo.html": "the sample post",
    "trial.html": "the mail of a command",
    "archive.html": "a file to keep, written by a command",
    "index.html": "the same",
}


def _catalogue(code):
    return [message for message in words.gather(code) if message.id]


def _forms(message):
    said = message.string if isinstance(message.string, tuple) else (message.string,)
    return [form for form in said if form]


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_left_in_english(code):
    bare = [message.id for message in _catalogue(code) if not _forms(message)]
    assert bare == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_values_of_english(code):
    for message in _catalogue(code):
        english = message.id[-1] if isinstance(message.id, tuple) else message.id
        counted = {"n"} if isinstance(message.id, tuple) else set()
        for form in _forms(message):
            missing = set(_VALUE.findall(english)) - set(_VALUE.findall(form))
            assert missing <= counted, (english, form)
            assert set(_VALUE.findall(form)) <= set(_VALUE.findall(english)), (english, form)
            form % dict.fromkeys(_VALUE.findall(form), "1")  # no lone % in it


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_tags_of_english(code):
    for message in _catalogue(code):
        english = message.id[-1] if isinstance(message.id, tuple) else message.id
        for form in _forms(message):
            assert Counter(_TAG.findall(form)) == Counter(_TAG.findall(english)), (english, form)


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_holds_every_message_and_no_other(code):
    held = {(one.context, one.id) for one in i18n.catalogue(code) if one.id}
    assert held == {(one.context, one.id) for one in words.messages() if one.id}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_has_no_word_that_nobody_marked(template):
    if template.name in ENGLISH_ONLY or "transfer" in template.parts:
        return
    source = re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.DOTALL)
    text = _NO_TEXT.sub(" ", source)
    found = {word for word in re.findall(r"[A-Za-z]{2,}", text) if word not in NAMES}
    assert not found, found
    assert not [said for said in _READ_OUT.findall(source) if said not in NAMES]


def test_what_was_stored_is_said_in_the_language_of_who_reads_it():
    stored = i18n.stored("reason", "It has “%(word)s” from your list of words.", word="casino")
    assert stored == "It has “casino” from your list of words."
    with i18n.speaking("de"):
        assert i18n.retold("reason", stored) == "Er enthält „casino“ aus Ihrer Wortliste."
        two = f"{stored} It has a link."
        assert i18n.retold("reason", two).endswith("Er hat einen Link.")
        assert i18n.retold("reason", "What somebody said.") == "What somebody said."


def test_why_a_policy_holds_a_comment_is_said_in_the_language_of_who_reads_it():
    reasons = (rules.HELD_BY_POLICY, rules.HELD_AUTHOR, rules.FIRST_BY_AUTHOR)
    for reason in (*reasons, rules.FROM_ELSEWHERE, rules.HAS_LINK):
        with i18n.speaking("de"):
            assert i18n.retold("reason", reason) != reason


def test_numbers_and_days_are_written_as_the_language_does():
    with i18n.speaking("de"):
        assert i18n.number(12345) == "12.345"
        assert i18n.ngettext("%(n)s comment", "%(n)s comments", 1200) == "1.200 Kommentare"
    with i18n.speaking("ar"):
        assert i18n.ngettext("%(n)s comment", "%(n)s comments", 2) == "تعليقان"
        assert set(i18n.forms("%(n)s comment", "%(n)s comments")) == {
            *("zero", "one", "two", "few", "many", "other")
        }
