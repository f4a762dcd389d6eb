"""How much slower than this machine a reader's phone is.

Told by Lighthouse's BenchmarkIndex, as Chrome's DevTools tell it when they calibrate their own
throttle: the throttle with which this machine has the index that the phone has.
"""

from __future__ import annotations

from typing import Final

from playwright.sync_api import CDPSession, Page

# BenchmarkIndex of phones, those that DevTools calibrate for (2024).
PHONES: Final = {"a mid-tier phone (Pixel 5)": 1000, "a low-tier phone (Moto G Power 2022)": 264}

# By Lighthouse's definition (core/lib/page-functions.js): how often a second a text of 10,000
# letters is written letter by letter, and how often 100,000 numbers are copied from one list to
# another; a tenth of each; the mean.
_INDEX = """(ms) => {
  const often = (act) => {
    const start = performance.now()
    let times = 0
    while (performance.now() - start < ms) act(times++)
    return (times * 100) / (performance.now() - start)
  }
  const lists = [0, 1].map(() => Array.from({length: 100_000}, (_, n) => n))
  const write = () => {
    let text = ''
    for (let n = 0; n < 10_000; n++) text += 'a'
    if (text.length === 1) throw text
  }
  const copy = (times) => {
    const [from, to] = times % 2 ? lists : [lists[1], lists[0]]
    for (let n = 0; n < from.length; n++) to[n] = from[n]
  }
  return (often(write) + often(copy)) / 2
}"""
_MS: Final = 250
# DevTools look as often at most.
_STEPS: Final = 8


def index(page: Page) -> float:
    """The BenchmarkIndex of the page's main thread, as it is throttled now."""
    page.evaluate(_INDEX, _MS)  # until it is compiled
    return float(page.evaluate(_INDEX, _MS))


def throttle(page: Page, wanted: float) -> float | None:
    """The rate of the throttle that gives a page this index; None where it is slower already."""
    session = page.context.new_cdp_session(page)
    if index(page) < wanted:
        return None
    least, most = 1.0, 20.0
    for _ in range(_STEPS):
        rate = (least + most) / 2
        if _throttled(session, page, rate) > wanted:
            least = rate
        else:
            most = rate
    _throttled(session, page, 1)
    return (least + most) / 2


def _throttled(session: CDPSession, page: Page, rate: float) -> float:
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    return float(page.evaluate(_INDEX, _MS))
