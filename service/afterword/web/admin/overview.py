"""The overview: how much is written and where, how decisions go, and how the service is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config, ids
from afterword.core.db import transaction
from afterword.core.errors import NotFound
from afterword.core.i18n import _
from afterword.jobs import queue
from afterword.jobs.kinds import NAMES
from afterword.moderation import audit, statistics
from afterword.operate import health
from afterword.web.admin import access, admin, chart

PERIODS = (7, 30, 90, 365)
USUAL = 30
MOST_DEAD = 20


@dataclass(frozen=True, kw_only=True)
class View:
    """Which days, of which site. Travels in addresses."""

    days: int = USUAL
    site: int | None = None

    def address(self, **changed: Any) -> str:
        """The path of this view, with other fields where they are said; None leaves one out."""
        days = self.days if self.days != USUAL else None
        fields = {"days": days, "site": self.site, **changed}
        return url_for("admin.show_overview", **{k: v for k, v in fields.items() if v is not None})


@admin.get("/overview")
def show_overview() -> str:
    view = _asked()
    scope = access.scope(view.site)
    spans = statistics.spans(view.days, sites=scope)
    return render_template(
        "admin/overview.html",
        view=view,
        periods=PERIODS,
        sites=access.sites(),
        spans=spans,
        states=statistics.SHOWN,
        totals={state: sum(span.counts[state] for span in spans) for state in statistics.SHOWN},
        chart=chart.draw(spans),
        busiest=statistics.busiest(view.days, sites=scope),
        newest=statistics.NEWEST,
        decisions=statistics.decisions(view.days, sites=scope),
        health=_health() if access.moderator().is_owner else None,
        jobs=queue.totals(),
        dead=queue.dead(MOST_DEAD),
        kinds=NAMES,
        can_mail=config.current().smtp_url is not None,
        is_again="again" in request.args,
    )


@admin.post("/overview/jobs")
def retry_jobs() -> AnyResponse:
    """Let one dead job start anew (``job``), or all that there are."""
    asked = request.form.get("job")
    number = ids.number(asked or "")
    if asked is not None and number is None:
        raise NotFound(_("There is no such job."))
    with transaction():
        if number is None:
            queue.retry_all()
        else:
            queue.retry(number)
        audit.note("retry jobs", by=access.moderator().email, note=asked)
    return redirect(url_for(".show_overview", again=1, _anchor="jobs"), 303)


def _health() -> health.Health:
    settings = config.current()
    return health.look(settings, size=health.size(settings))


def _asked() -> View:
    """The view that this request names. Raises NotFound for what there is none of."""
    days, site = request.args.get("days") or str(USUAL), request.args.get("site", "")
    known = {str(one.id): one.id for one in access.sites()}
    if days not in map(str, PERIODS) or (site and site not in known):
        raise NotFound(_("There is no overview of that."))
    return View(days=int(days), site=known.get(site))
