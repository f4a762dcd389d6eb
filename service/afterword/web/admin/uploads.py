"""Comments brought in from a file: sent in parts, looked through, then brought in."""

from __future__ import annotations

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids
from afterword.core.errors import BadRequest, NotFound
from afterword.core.i18n import N_, _
from afterword.moderation import audit
from afterword.sites import directory
from afterword.transfer import formats
from afterword.transfer.report import REASONS
from afterword.transfer.uploads import acts
from afterword.transfer.uploads.choices import Chosen
from afterword.transfer.uploads.models import Upload
from afterword.web.admin import access, admin
from afterword.web.admin.sites import find_site

# What each importer reads, in the words of those who have it.
FORMATS = {
    formats.AUTO: N_("Find out by itself"),
    "disqus": "Disqus",
    "wordpress": "WordPress",
    "blogger": "Blogger",
    "isso": "Isso",
    "remark42": "Remark42",
    "commento": "Commento",
    "comentario": "Comentario",
    "cusdis": "Cusdis",
    "waline": "Waline",
    "valine": "Valine",
    "twikoo": "Twikoo",
    "artalk": "Artalk",
    "giscus": "giscus",
    "utterances": "utterances",
    "staticman": "Staticman",
    "native": "Afterword",
    "csv": N_("A table (CSV)"),
}
OURS = {formats.AUTO, "native", "csv"}  # no other system's
LONGEST_TABLE = 40_000  # characters; more is for the command


@admin.get("/sites/<int:site_id>/import")
def show_new_upload(site_id: int) -> str:
    site = find_site(site_id)
    return render_template(
        "admin/new-upload.html",
        site=site,
        systems=[name for key, name in FORMATS.items() if key not in OURS],
        uploads=acts.recent(site.id),
        most_bytes=acts.MOST_BYTES,
        part_bytes=acts.PART_BYTES,
    )


@admin.post("/sites/<int:site_id>/import")
def begin_upload(site_id: int) -> AnyResponse:
    name = "".join(letter for letter in request.form.get("name", "") if letter.isprintable())
    return _to(acts.begin(find_site(site_id).id, name.strip(), by=access.moderator().email))


@admin.get("/uploads/<upload_id>")
def show_upload(upload_id: str) -> Response:
    return _show(_find(upload_id))


@admin.post("/uploads/<upload_id>/parts")
def add_part(upload_id: str) -> Response:
    """The part of this ``number``, from 0, as a file ``part``; answers how many are there."""
    number, part = ids.number(request.form.get("number", "")), request.files.get("part")
    if number is None or part is None:
        raise BadRequest(_("A part needs its number and its content."))
    many = acts.add_part(_find(upload_id).id, number, part.read())
    return jsonify({"parts": many})


@admin.post("/uploads/<upload_id>/look")
def look_through(upload_id: str) -> AnyResponse:
    upload, chosen = _find(upload_id), _typed()
    wrong = chosen.wrong()
    if len(chosen.table) > LONGEST_TABLE:
        wrong["table"] = "This is too much for the desk: afterword import --map takes any table."
    if wrong:
        return _show(upload, chosen=chosen, wrong=wrong)
    return _to(acts.look(upload.id, chosen))


@admin.post("/uploads/<upload_id>/bring-in")
def bring_in(upload_id: str) -> AnyResponse:
    upload = acts.bring_in(_find(upload_id).id)
    audit.record("import", by=access.moderator().email, about=upload.name, site_id=upload.site_id)
    return _to(upload)


@admin.post("/uploads/<upload_id>/drop")
def drop_upload(upload_id: str) -> AnyResponse:
    upload = _find(upload_id)
    acts.drop(upload.id)
    return redirect(url_for("admin.show_new_upload", site_id=upload.site_id), 303)


def _find(upload_id: str) -> Upload:
    upload = acts.find(upload_id)
    if upload is None:
        raise NotFound(_("There is no such upload, or it was too long ago."))
    return upload


def _typed() -> Chosen:
    """The choices as typed. Hosts that were ticked are origins like those that were written."""
    typed = {name: request.form.get(name, "").strip() for name in Chosen.__annotations__}
    ticked = [f"https://{host}" for host in request.form.getlist("host")]
    typed["origins"] = "\n".join([*typed["origins"].splitlines(), *ticked])
    typed["format"] = typed["format"] or formats.AUTO
    return Chosen.read(typed)


def _to(upload: Upload) -> AnyResponse:
    return redirect(url_for("admin.show_upload", upload_id=upload.id), 303)


def _show(
    upload: Upload, *, chosen: Chosen | None = None, wrong: dict[str, str] | None = None
) -> Response:
    page = render_template(
        "admin/upload.html",
        upload=upload,
        site=directory.by_id(upload.site_id),
        chosen=chosen or Chosen.read(upload.chosen),
        wrong=wrong or {},
        formats=[(key, _(FORMATS[key])) for key in (formats.AUTO, *formats.IMPORTERS)],
        names={key: _(name) for key, name in FORMATS.items()},
        reasons=REASONS,
    )
    return make_response(page, 400 if wrong else 200)
