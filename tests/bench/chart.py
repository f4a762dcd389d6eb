"""A bar for each of what was driven: a small SVG that reads in light and in dark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from tests.bench.figures import REMARK42_ONE_PAGE

WIDTH, BAR, GAP, LEFT, RIGHT = 680, 22, 14, 272, 72
BARS = (
    ("nginx, the same bytes as a file", "nginx_per_second"),
    ("Afterword, 100 comments", "thread_per_second"),
    ("Afterword, 10,000 pages at random", "pages_per_second"),
    ('Flask "hello", gevent', "hello_per_second"),
    ("Remark42, 100 comments", "remark42"),
)
STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1f2328}.bar{fill:#8c959f}.own{fill:#0969da}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#6e7681}.own{fill:#4493f8}}"
)


def draw(measured: Mapping[str, Any]) -> str:
    """The chart of rates."""
    rates = {**measured, "remark42": REMARK42_ONE_PAGE}
    most = max(rates[name] for _, name in BARS)
    height = len(BARS) * (BAR + GAP) + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-label="Requests a second, one process each">',
        f"<style>{STYLE}</style>",
    ]
    for number, (says, name) in enumerate(BARS):
        top = GAP + number * (BAR + GAP)
        wide = max(1, round((WIDTH - LEFT - RIGHT) * rates[name] / most))
        own = "own" if says.startswith("Afterword") else "bar"
        lines += [
            f'<text x="{LEFT - 10}" y="{top + 16}" text-anchor="end">{escape(says)}</text>',
            f'<rect class="{own}" x="{LEFT}" y="{top}" width="{wide}" height="{BAR}" rx="3"/>',
            f'<text x="{LEFT + wide + 8}" y="{top + 16}">{rates[name]:,.0f}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])
