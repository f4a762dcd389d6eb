"""Bars in numbers that an SVG takes: the page gives no style, so all geometry is in attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from afterword.moderation.statistics import SHOWN, Span
from afterword.threads.models import State

HEIGHT = 100.0
STEP = 10.0  # from one bar to the next
WIDE = 7.0  # a bar


@dataclass(frozen=True)
class Piece:
    """The part of a bar that stands for one state."""

    state: State
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """A day or week of the chart."""

    x: float
    span: Span
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Chart:
    """Bars over a scale that ends at ``top``."""

    top: int
    width: float
    bars: tuple[Bar, ...]


def draw(spans: Sequence[Span]) -> Chart:
    """The chart of these days or weeks, the parts of a bar upon one another."""
    top = _round(max((span.total for span in spans), default=0))
    bars = (Bar(number * STEP, span, _pieces(span, top)) for number, span in enumerate(spans))
    return Chart(top, len(spans) * STEP, tuple(bars))


def _pieces(span: Span, top: int) -> tuple[Piece, ...]:
    found, y = [], HEIGHT
    for state in SHOWN:
        height = round(span.counts[state] * HEIGHT / top, 2)
        if height:
            y = round(y - height, 2)
            found.append(Piece(state, y, height))
    return tuple(found)


def _round(most: int) -> int:
    """The next even number of few digits, so that the scale and its half can be read."""
    size = 1
    while True:
        for step in (2, 4, 6, 10):
            if most <= step * size:
                return step * size
        size *= 10
