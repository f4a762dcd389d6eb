"""How much work something is: what tests compare where a shape of a text must not take long.

The processor's time of this thread alone, without collections of garbage: those take as long as all
that the tests before have left is large.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def seconds(act: Callable[[], object]) -> float:
    """How long the processor works for it, once."""
    gc.disable()
    try:
        begun = time.thread_time()
        act()
        return time.thread_time() - begun
    finally:
        gc.enable()
