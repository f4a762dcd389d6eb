"""Checks that ask somebody else: last, at the same time, never for long, not again while they fail.

A post waits for them, and its author with it. So whoever gives no verdict is left in peace for a
minute, and what is asked about appears as if nobody had been asked.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from afterword.core import registry
from afterword.identity.models import Standing
from afterword.sites.options import Options
from afterword.spam.assess import ASKED, NEEDS, Assessment
from afterword.spam.verdict import PASS, Context, Level, Unanswered, Verdict
from afterword.threads.draft import Draft

PATIENCE: Final = 2.4  # seconds for all together; each has 2 of its own
REST = 60.0

_log = logging.getLogger(__name__)
_lock = threading.Lock()
# Until when who rests: by the options, so that other sites, and a new key, are asked at once.
_rests: dict[tuple[str, Options], float] = {}


def due(draft: Draft, context: Context, assessment: Assessment) -> tuple[str, ...]:
    """Who is set up and has something left to decide.

    Nothing leaves the house that a check holds anyhow, nor what moderators, users who write for the
    blog, or trusted authors say. Where the owner holds all, a word is worth it: for what is refused
    nobody has to look, and for what waits there is a reason.
    """
    if draft.is_moderator or draft.is_staff or context.writer.standing is Standing.TRUSTED:
        return ()
    if assessment.level >= Level.HOLD:
        return ()
    return tuple(name for name in ASKED if _is_due(name, context.options))


def ask(names: Iterable[str], draft: Draft, context: Context) -> list[Verdict]:
    """What these say. Within no transaction: it takes as long as ``PATIENCE``."""
    names = list(names)
    threads = ThreadPoolExecutor(len(names), thread_name_prefix="afterword-ask")
    try:
        asked = {name: threads.submit(registry.load(ASKED[name]), draft, context) for name in names}
        wait(asked.values(), timeout=PATIENCE)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    return [_heard(name, answer, context.options) for name, answer in asked.items()]


def _heard(name: str, answer: Future[Verdict], options: Options) -> Verdict:
    try:
        return answer.result(timeout=0)
    except TimeoutError:
        fault = f"no answer within {PATIENCE:g} s"
    except Unanswered as reason:
        fault = str(reason)
    except Exception:
        # A fault of ours: whoever wrote the comment is not to blame, and it must not be lost.
        _log.exception("the check %s failed", name)
        fault = "a fault of ours, see above"
    with _lock:
        _rests[name, options] = time.monotonic() + REST
    _log.warning("%s gave no verdict and is not asked for %g s: %s", name, REST, fault)
    return PASS


def _is_due(name: str, options: Options) -> bool:
    if not all(getattr(options, needed) for needed in NEEDS[name]):
        return False
    now = time.monotonic()
    with _lock:
        for key in [key for key, until in _rests.items() if until <= now]:
            del _rests[key]
        return (name, options) not in _rests
