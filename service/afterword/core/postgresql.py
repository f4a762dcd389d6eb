"""What PostgreSQL needs beside SQLite. Imported only where one is named: its driver is an extra.

A server that hangs keeps its connections and takes what is sent: neither TCP nor a timeout of a
statement, which the server itself would have to look after, ends the wait of whoever asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from afterword.core.errors import BadRequest
from afterword.core.i18n import _

IsOver = Callable[[float, float], bool]  # (seconds waited, when the connection was made)


def bound(engine: Engine, *, is_over: IsOver) -> None:
    """Let nobody wait for this engine's server once ``is_over`` says so of the seconds waited, over
    a connection that was made at that moment (``time.monotonic()``).

    It is asked ten times a second. Who waited gets an OperationalError, and the connection is
    closed, as if the server had ended it.
    """

    def connect(_dialect: object, _record: object, words: Any, named: Any) -> _Connection:
        now = time.monotonic()
        if is_over(0, now):
            raise _given_up()
        connection = _Connection.connect(*words, **named)
        connection.is_over, connection.made = is_over, now
        return connection

    event.listen(engine, "do_connect", connect)


def refuse_nul(engine: Engine) -> None:
    """Let what is asked of this engine's server with NUL in it be a BadRequest.

    No text of PostgreSQL has one. Whoever sends it, in whatever field, has sent no request that
    makes sense; as any other fault of the driver it would say that the server is away.
    """

    def told(context: ExceptionContext) -> None:
        fault = context.original_exception
        # By its words: the driver refuses it before the server could give it a code.
        if isinstance(fault, psycopg.DataError) and "NUL (0x00)" in str(fault):
            raise BadRequest(_("The text has characters that cannot be stored."))

    event.listen(engine, "handle_error", told)


class _Connection(psycopg.Connection[Any]):
    is_over: IsOver
    made: float

    def wait(self, gen: PQGen[RV], *args: Any, **kwargs: Any) -> RV:
        return super().wait(self._bounded(gen), *args, **kwargs)

    def _bounded(self, steps: PQGen[RV]) -> PQGen[RV]:
        """The same steps, until the server takes too long for one."""
        began = time.monotonic()
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted
                if not ready and self.is_over(time.monotonic() - began, self.made):
                    self.close()
                    raise _given_up()
                wanted = steps.send(ready)
        except StopIteration as done:
            found: RV = done.value
            return found


def _given_up() -> psycopg.OperationalError:
    return psycopg.OperationalError("the server does not answer")
