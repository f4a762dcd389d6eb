"""The overview: how much is written and where, how decisions go, and how the service is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from afterword.core import config
from afterword.core.errors import NotFound
from afterword.moderation import statistics
from afterword.operate import health
from afterword.sites import directory
from afterword.web.admin import admin, chart

PERIODS = (7, 30, 90, 365)
USUAL = 30


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
    spans = statistics.spans(view.days, site_id=view.site)
    return render_template(
        "admin/overview.html",
        view=view,
        periods=PERIODS,
        sites=directory.every(),
        spans=spans,
        states=statistics.SHOWN,
        totals={state: sum(span.counts[state] for span in spans) for state in statistics.SHOWN},
        chart=chart.draw(spans),
        busiest=statistics.busiest(view.days, site_id=view.site),
        newest=statistics.NEWEST,
        decisions=statistics.decisions(view.days, site_id=view.site),
        health=health.look(config.current()),
    )


def _asked() -> View:
    """The view that this request names. Raises NotFound for what there is none of."""
    days, site = request.args.get("days") or str(USUAL), request.args.get("site", "")
    known = {str(one.id): one.id for one in directory.every()}
    if days not in map(str, PERIODS) or (site and site not in known):
        raise NotFound("There is no overview of that.")
    return View(days=int(days), site=known.get(site))
