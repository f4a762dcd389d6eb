"""All comments of a site, as a file to take along."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

from flask import Response, render_template, request, send_file

from afterword.core import clock, config
from afterword.core.errors import BadRequest
from afterword.core.i18n import N_, _
from afterword.moderation import audit
from afterword.transfer import export, formats
from afterword.web.admin import access, admin, confirm
from afterword.web.admin.sites import find_site

# Each format: what its file is called and is, for whom it is there.
FILES = {
    "native": ("jsonl", "application/jsonl", N_("Everything, to bring in here or elsewhere again")),
    "csv": ("csv", "text/csv", N_("A table for a spreadsheet")),
    "html": (
        "zip",
        "application/zip",
        N_("Pages to read and to put on the web, without a service"),
    ),
    "disqus": ("xml", "application/xml", N_("As Disqus writes it: what most systems read")),
    "wordpress": ("xml", "application/xml", N_("As WordPress writes it (WXR)")),
}


@admin.get("/sites/<int:site_id>/export")
def show_export(site_id: int) -> str:
    return render_template("admin/export.html", site=find_site(site_id), files=FILES)


@admin.get("/sites/<int:site_id>/export/file")
@confirm.by_password
def export_site(site_id: int) -> Response:
    """The file in the ``format`` that is asked for. It holds e-mail addresses."""
    site, format_name = find_site(site_id), request.args.get("format", "native")
    if format_name not in formats.EXPORTERS:
        raise BadRequest(_("There is no such format."))
    ending, kind = FILES[format_name][:2]
    audit.record("export", by=access.moderator().email, about=format_name, site_id=site.id)
    # Whole before its first byte leaves: a fault shows as that, not as a shorter file.
    file = tempfile.TemporaryFile(dir=config.current().data)  # noqa: SIM115 - the answer closes it
    export.write(site, cast(BinaryIO, file), format_name=format_name)
    file.seek(0)
    host = site.key.replace(":", "-").replace("/", "-")
    name = f"{host}-{clock.now():%Y-%m-%d}.{ending}"
    answer = send_file(file, mimetype=kind, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
