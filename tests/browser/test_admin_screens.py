"""Every screen of the desk, found by its routes, as somebody sees it who has used it for a while.

``pytest tests/browser/test_admin_screens.py --screens FOLDER`` leaves a picture of each, to be
looked at: narrow and wide, light and dark, printed, enlarged, and from right to left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from flask import current_app
from playwright.sync_api import Browser, Page

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity import moderators
from afterword.identity.models import Author
from afterword.markup.render import render
from afterword.moderation import actions, bans, merges, moves, notices, pins, remarks, sweeps
from afterword.moderation.index import Wanted
from afterword.moderation.models import Reason, Report
from afterword.notify import deliveries
from afterword.sites import changes, providers
from afterword.sites.models import ProviderKind
from afterword.spam.traces import Trace
from afterword.threads.models import Comment, State
from afterword.transfer.uploads import acts as uploads
from afterword.transfer.uploads import choices, work
from tests import make, running
from tests.browser.test_admin import EMAIL, ORIGIN, PASSWORD, inside
from tests.running import Service

# What a browser saves, listens to or shows in a frame of another: no screens.
PARTS = {"export_log", "export_configuration", "export_site", "show_stream", "show_preview"}
WIDTHS = {360: "dark", 1280: "light"}
TOLD = {"form_checks": "off", "rate_limits": "off"}

# Who wrote what, in which state, and why it waits.
SAID = (
    ("Ada", "ada@reader.example", "We sailed it in 1984. **Twice.**", State.VISIBLE, []),
    ("Grandpa Willem", "", "Your father knew that table well.", State.VISIBLE, []),
    ("Noor", "noor@reader.example", "We tried the soup in mugs.", State.PENDING,
     ["It is the author's first comment here."]),
    ("A reader with a name as long as the form lets it be, really", "", "Short.", State.PENDING,
     ["It has “table” from your list of words.", "It is the author's first comment here."]),
    ("Best Deals", "x@deals.example", "Great post! https://a.example/" + "long" * 40
     + " https://b.example", State.PENDING, ["It has 3 links; 2 are allowed."]),
    ("Zoë", "", "Look\u200bhere \u202eexe.fdp and `code`\n\n> quoted\n\n```\n" + "x = 1 " * 30
     + "\n```", State.PENDING, ["It looks like what you mark as spam (93 %)."]),
    ("Casino", "c@casino.example", "Win https://casino.example now", State.SPAM,
     ["It has “casino” from your list of words."]),
    ("Jonas", "jonas@reader.example", "I take that back.", State.REMOVED, []),
)  # fmt: skip


class Screen(NamedTuple):
    """A page of the desk: by which route, and its address."""

    name: str
    path: str


def live_in() -> list[Screen]:
    """Somebody moderated two blogs for a while; answers every screen that there is for them."""
    hanna = moderators.add(EMAIL, password=PASSWORD, name="Hanna")
    site = changes.add(ORIGIN)
    changes.add("https://shop.example", name="The shop")
    moderators.add("jonas@blog.example", password=PASSWORD, name="Jonas", sites={site.id})
    made = _write(site)
    page = made["Ada"].page
    noor = made["Noor"]
    actions.spam([made["Grandpa Willem"].id], by=EMAIL)
    actions.restore([made["Grandpa Willem"].id], by=EMAIL)
    against = {"comment_id": made["Grandpa Willem"].id, "author_id": noor.author_id}
    with transaction() as session:
        session.add(Report(reason=Reason.SPAM, note="He sells something.", **against))
    pins.set_pinned(made["Ada"].id, is_pinned=True, by=EMAIL)
    remarks.add(noor, "She wrote by mail that she is Dilek's sister.", by=EMAIL)
    bans.add(bans.read("deals.example"), bans.Terms(by=EMAIL, note="Sells watches."))
    bans.add(bans.read("203.0.113.0/24"), bans.Terms(by=EMAIL, site_id=site.id))
    older = make.page(site, f"{ORIGIN}/2019/the-boat-that-was-a-table.html")
    make.comment(older, name="Piet", text="Ahoy.", html="<p>Ahoy.</p>")
    moved = make.page(site, f"{ORIGIN}/drafts/the-boat")
    make.comment(moved, name="Piet", text="First!", html="<p>First!</p>")
    merge = merges.merge(moved.id, page.id, by=EMAIL)
    moves.follow(moves.one(older.url, f"{ORIGIN}/boats/the-boat-that-was-a-table"), by=EMAIL)
    spam = Wanted(state=State.SPAM, sites=frozenset({site.id}))
    sweep = sweeps.start("approve", spam, by=EMAIL)
    sweeps.run(sweep.id)
    provider = providers.save(
        providers.Setup(kind=ProviderKind.GITHUB, client_id="afterword", client_secret="s" * 40)
    )
    about = {"site_id": site.id, "comment_id": noor.id}
    deliveries.note("msg_1", event="comment.held", **about, came=200)
    deliveries.note("msg_2", event="comment.visible", **about, came=503)
    with transaction():
        notice = notices.note(noor, hanna)
    assert notice is not None
    return _screens(
        {
            "site_id": site.id,
            "page_id": page.id,
            "comment_id": noor.id,
            "sweep_id": sweep.id,
            "merge_id": merge.id,
            "moderator_id": moderators.by_email("jonas@blog.example").id,
            "upload_id": _upload(site),
            "token": notices.token(notice, "approve"),
            "kind": "oidc",
            "name": provider.name,
        }
    )


def _write(site: Any) -> dict[str, Comment]:
    page = make.page(site, f"{ORIGIN}/boats/table")
    page.title = "The boat that was a table, and other things that we sailed in the kitchen"
    made: dict[str, Comment] = {}
    for minute, (name, email, text, state, reasons) in enumerate(SAID):
        author = Author(site_id=site.id, token_hash=str(minute) * 64)
        with transaction() as session:
            session.add(author)
        said = {"name": name, "email": email or None, "text": text, "html": render(text)}
        made[name] = make.comment(
            page,
            made["Ada"] if name in {"Noor", "Jonas"} else None,
            minute=minute,
            state=state,
            reasons=reasons,
            author_id=author.id,
            **said,
        )
        made[name].created = clock.now()
    for minute in range(4):
        wave = make.comment(page, minute=90 + minute, name="Deals", state=State.PENDING)
        trace = {"site_id": site.id, "created": wave.created, "sketch": b""}
        db.session.add(Trace(comment_id=wave.id, cluster="one network", **trace))
    db.session.commit()
    return made


def _upload(site: Any) -> str:
    row: dict[str, Any] = {"type": "comment", "id": "c1", "page_url": f"{ORIGIN}/boats/table"}
    row |= {"text": "Ahoy.", "author": {"name": "Piet"}, "created": "2026-01-01T00:00:00Z"}
    upload = uploads.begin(site.id, "comments.jsonl", by=EMAIL)
    uploads.add_part(upload.id, 0, json.dumps(row).encode())
    uploads.look(upload.id, choices.Chosen())
    work.work(upload.id)
    return upload.id


def _screens(numbers: dict[str, Any]) -> list[Screen]:
    found = []
    for rule in current_app.url_map.iter_rules():
        name = rule.endpoint.removeprefix("admin.")
        if name != rule.endpoint and "GET" in (rule.methods or ()) and name not in PARTS:
            wanted = {one: numbers[one] for one in rule.arguments}
            path = current_app.url_map.bind("localhost").build(rule.endpoint, wanted)
            found.append(Screen(name, path))
    queues = [Screen(f"queue_{state}", f"/admin/?state={state}") for state in State]
    queues.append(Screen("queue_reported", "/admin/?state=visible&reported=1"))
    searched = Screen("queue_searched", "/admin/?state=visible&q=sailed")
    return [*found, *queues, searched, Screen("not_found", "/admin/nowhere")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, list[Screen]]]:
    """A service that was used for a while, and its screens."""
    data = tmp_path_factory.mktemp("desk") / "data"
    running.installed(data, ORIGIN, name="Four at the Long Table")
    screens: Any = inside(data, live_in)
    with running.serving(data, **TOLD) as service:
        yield service, screens


@pytest.fixture(scope="module")
def visit(
    browser: Browser, desk: tuple[Service, list[Screen]], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open the desk, logged in, in a window of a kind; under ``--screens`` it takes pictures."""
    service, _ = desk
    opened: dict[tuple[Any, ...], Page] = {}

    def log_in(width: int, scheme: Literal["light", "dark"], locale: str = "en") -> Page:
        kind = (width, scheme, locale)
        if kind not in opened:
            context = browser.new_context(
                viewport={"width": width, "height": 800},
                color_scheme=scheme,
                reduced_motion="reduce",
                locale=locale,
                base_url=service.url,
            )
            page = opened[kind] = context.new_page()
            page.goto("/admin/login")
            page.locator("input[name=email]").fill(EMAIL)
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("input[name=password]").press("Enter")
            page.wait_for_url("**/admin/**")
        return opened[kind]

    yield log_in
    for page in opened.values():
        page.context.close()


@pytest.fixture(scope="module")
def keep(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep pictures of a page where ``--screens`` says, light and dark."""
    folder: Path | None = request.config.getoption("--screens")

    def save(page: Page, name: str) -> None:
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        for scheme in ("light", "dark") if is_dark else ("dark", "light"):  # as it was, at last
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=folder / f"{name}-{scheme}.png", full_page=True)

    return save


def over(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_no_screen_is_forgotten(desk):
    """The others go over what this one counts; a new route's arguments must be found above."""
    _, screens = desk
    assert len({screen.name for screen in screens}) > 40


@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "dark"), pytest.param(1280, "light", marks=pytest.mark.thorough)]
)
def test_every_screen_is_accessible_and_fits(desk, visit, keep, assert_accessible, width, scheme):
    page = visit(width, scheme)
    for screen in desk[1]:
        answer = page.goto(screen.path)
        assert answer.status == (404 if screen.name == "not_found" else 200), screen
        keep(page, f"{screen.name}-{width}")
        assert over(page) <= 0, screen
        assert_accessible(page)


@pytest.mark.parametrize(("width", "scheme"), WIDTHS.items())
def test_the_log_in_is_accessible_and_fits(browser, desk, keep, assert_accessible, width, scheme):
    viewport = {"width": width, "height": 800}
    page = browser.new_page(viewport=viewport, color_scheme=scheme, base_url=desk[0].url)
    page.goto("/admin/login")
    keep(page, f"log_in-{width}")
    assert over(page) <= 0
    assert_accessible(page)
    page.close()


@pytest.mark.parametrize(("width", "locale"), [(640, "en"), (320, "de"), (360, "ar")])
def test_every_screen_fits_when_it_is_enlarged_or_of_another_direction(
    desk, visit, keep, width, locale
):
    """640 pixels are a window of 1,280 at 200 %; 320 are the same at 400 % (WCAG 1.4.10)."""
    page = visit(width, "light", locale)
    for screen in desk[1]:
        page.goto(screen.path)
        keep(page, f"{screen.name}-{width}-{locale}")
        assert over(page) <= 0, screen
    way = page.evaluate("getComputedStyle(document.body).direction")
    assert way == ("rtl" if locale == "ar" else "ltr")


def test_every_screen_prints_what_is_on_it_and_nothing_to_press(desk, visit, keep):
    page = visit(794, "dark")  # A4 at 96 pixels an inch
    page.emulate_media(media="print")
    for screen in desk[1]:
        page.goto(screen.path)
        keep(page, f"{screen.name}-print")
        assert over(page) <= 0, screen
        assert page.evaluate("getComputedStyle(document.body).colorScheme") == "light", screen
        pressed = page.get_by_role("button").locator("visible=true")
        assert [one.inner_text() for one in pressed.all()] == [], screen
