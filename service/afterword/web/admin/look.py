"""How threads of a site look and what they say, chosen with a thread before one's eyes."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config, signing
from afterword.core.i18n import N_, _
from afterword.moderation import sites as changes
from afterword.sites import options, texts
from afterword.sites.directory import KnownSite
from afterword.sites.options import LOOK
from afterword.sites.texts import Sentence
from afterword.threads import sample
from afterword.web.admin import access, admin
from afterword.web.admin.sites import find_site, wrong_options
from afterword.web.security import PAGE_POLICY

CHOICES = {
    "look_theme": {
        "": N_("As the page around them"),
        "light": N_("Light"),
        "dark": N_("Dark"),
        "paper": N_("Paper"),
    },
    "look_density": {"": N_("Normal"), "compact": N_("Compact"), "roomy": N_("Roomy")},
}
_SENTENCE = "text-"  # what the fields of sentences begin with, before a key


@admin.get("/sites/<int:site_id>/look")
def show_look(site_id: int) -> Response:
    site = find_site(site_id)
    return _show(site, options.written(site.options))


@admin.post("/sites/<int:site_id>/look")
def choose_look(site_id: int) -> AnyResponse | Response:
    site = find_site(site_id)
    written = _typed(site)
    wrong = wrong_options(written)
    if wrong:
        return _show(site, written, wrong=wrong)
    changes.choose(site.id, written, by=access.moderator().email)
    return redirect(url_for("admin.show_look", site_id=site.id, done="saved"), 303)


@admin.get("/sites/<int:site_id>/look/preview")
def show_preview(site_id: int) -> Response:
    site = find_site(site_id)
    return _preview(site, site.options)


@admin.post("/sites/<int:site_id>/look/preview")
def try_look(site_id: int) -> Response:
    """A thread with the look as typed, or what is wrong with it. Nothing is kept.

    A script that shows it as one types asks for JSON.
    """
    site = find_site(site_id)
    written = _typed(site)
    wrong = wrong_options(written)
    is_script = request.accept_mimetypes.best == "application/json"
    if wrong and is_script:
        return make_response({"wrong": wrong}, 400)
    chosen = site.options if wrong else options.tried(site.options, written)
    if is_script:
        return make_response(sample.thread(site, chosen))
    return _preview(site, chosen)


def _preview(site: KnownSite, chosen: options.Options) -> Response:
    """The widget itself on a page of ours, which belongs to no origin and may do nothing else."""
    host, nonce = config.public_url(), signing.new_secret()
    page = render_template(
        "admin/preview.html",
        thread=sample.thread(site, chosen),
        url=sample.url(site),
        host=host,
        nonce=nonce,
    )
    answer = make_response(page)
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {host} 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        f"img-src {host}; connect-src {host}; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {host}; sandbox allow-scripts"
    )
    return answer


def _typed(site: KnownSite) -> dict[str, str]:
    written = {name: request.form.get(name, "").strip() for name in LOOK if name != "texts"}
    return {**written, "texts": json.dumps(_sentences(site.options.sentences), ensure_ascii=False)}


def _sentences(held: dict[str, Sentence]) -> dict[str, Sentence]:
    """The sentences as typed. One that counts has a field for each form that English has.

    Forms that other languages have beside those come by a command or a file, and stay.
    """
    said: dict[str, Sentence] = {}
    for key, known in texts.english().items():
        if isinstance(known, str):
            said[key] = request.form.get(_SENTENCE + key, "")
            continue
        forms = {form: request.form.get(f"{_SENTENCE}{key}-{form}", "") for form in known}
        kept = {form: words for form, words in forms.items() if words}
        if kept:
            other = kept.get("other") or next(iter(kept.values()))
            said[key] = {**_forms_beside(known, held.get(key)), "other": other, **kept}
    return {key: words for key, words in said.items() if words}


def _forms_beside(known: dict[str, str], held: Sentence | None) -> dict[str, str]:
    if not isinstance(held, dict):
        return {}
    return {form: words for form, words in held.items() if form not in known}


def _fields(said: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(name, key, English, as it is said here) of each field for a sentence."""
    rows = []
    for key, known in texts.english().items():
        own = said.get(key, "")
        if isinstance(known, str):
            rows.append((_SENTENCE + key, key, known, own if isinstance(own, str) else ""))
            continue
        for form, words in known.items():
            typed = own.get(form, "") if isinstance(own, dict) else own if form == "other" else ""
            rows.append((f"{_SENTENCE}{key}-{form}", f"{key} ({form})", words, typed))
    return rows


def _show(
    site: KnownSite, written: dict[str, str], *, wrong: dict[str, str] | None = None
) -> Response:
    page = render_template(
        "admin/look.html",
        site=site,
        written=written,
        choices={
            name: [(value, _(words)) for value, words in known.items()]
            for name, known in CHOICES.items()
        },
        sentences=_fields(_said(written["texts"])),
        wrong=wrong or {},
        is_saved=request.args.get("done") == "saved",
    )
    answer = make_response(page, 400 if wrong else 200)
    answer.headers["Content-Security-Policy"] = f"{PAGE_POLICY}; frame-src 'self'"
    return answer


def _said(written: str) -> dict[str, Any]:
    try:
        said = json.loads(written or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
