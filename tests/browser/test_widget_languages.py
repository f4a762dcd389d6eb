"""The widget in the page's language, with the owner's own words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.blog import Blog
from tests.browser.conftest import box, choose, form, visit, widget
from tests.running import Service

pytestmark = pytest.mark.shared


def test_it_speaks_the_language_that_the_tag_says(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Guten Tag.")
    said("Noch einmal.")
    blog.attributes = 'data-lang="de"'
    visit(page, blog.page())
    expect(widget(page).get_by_role("heading", name="2 Kommentare")).to_be_visible()
    expect(widget(page).locator("section")).to_have_attribute("lang", "de")


def test_it_speaks_the_pages_language_before_the_browsers(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("مرحبا", page="right-to-left")
    visit(page, blog.page("right-to-left"))
    root = widget(page).locator("section")
    expect(root).to_have_attribute("lang", "ar")
    expect(root).to_have_attribute("dir", "rtl")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page, context="afterword-thread")
    assert found.violations_count == 0, found.generate_report()


def test_english_is_spoken_where_the_sentences_cannot_be_had(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Good day.")
    blog.attributes = 'data-lang="fr"'
    page.route("**/messages/fr.json", lambda route: route.abort())
    visit(page, blog.page())
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()


def test_english_readers_fetch_no_sentences(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Good day.")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, blog.page())
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()
    assert not [url for url in asked if "/messages/" in url]


def in_german(route: Route) -> None:
    """The page, but in another language."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('lang="en"', 'lang="de"'))


def test_it_follows_a_router_to_pages_in_other_languages_and_back(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    first, second = blog.page("swapped"), blog.page("swapped", "/second")
    said("Good day.", page="swapped")
    page.route("**/second", in_german)
    visit(page, first)
    box(page).focus()
    expect(form(page).get_by_label("Website")).to_be_visible()
    page.evaluate("(address) => swap(address)", second)
    expect(widget(page).locator("section")).to_have_attribute("lang", "de")
    box(page, "Kommentar schreiben").focus()
    german = form(page, "Kommentar schreiben")
    expect(german.get_by_text("Meine Angaben hier merken")).to_be_visible()
    page.evaluate("(address) => swap(address)", first)
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()
    box(page).focus()
    expect(form(page).get_by_text("Remember me here")).to_be_visible()
    expect(widget(page).locator("section")).to_have_attribute("lang", "en")


def test_it_follows_a_page_that_takes_another_language_where_it_is(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Good day.")
    visit(page, blog.page())
    page.evaluate("document.documentElement.lang = 'ar'")
    expect(widget(page).locator("section[lang=ar]")).to_have_attribute("dir", "rtl")
    page.evaluate("document.documentElement.lang = 'en'")
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()


def test_threads_of_a_page_speak_one_language(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Good day.")
    visit(page, blog.page())
    data = "{page: 'soup', eager: '', lang: 'de'}"
    page.evaluate(f"Afterword.mount(document.body, {data})")
    expect(widget(page).last.get_by_text("No comments yet.")).to_be_visible()
    expect(widget(page).first.get_by_role("heading", name="1 comment")).to_be_visible()


@pytest.mark.alone
def test_an_owners_own_words_and_look_are_shown(page: Page, blog: Blog, service: Service) -> None:
    texts = '{"empty": "Say hello.", "title": "Your turn"}'
    options = (f"texts={texts}", "look_accent=#b3541e", "look_density=compact", "look_theme=paper")
    choose(service, blog, *options)
    visit(page, blog.page())
    expect(widget(page).get_by_text("Say hello.")).to_be_visible()
    expect(widget(page).get_by_role("textbox", name="Your turn")).to_be_visible()
    root = widget(page).locator("section")
    expect(root).to_have_class("root paper compact")
    accent = "(root) => getComputedStyle(root).getPropertyValue('--accent')"
    assert root.evaluate(accent) == "#b3541e"
