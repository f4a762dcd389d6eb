"""Faults, told to a service that speaks Sentry's protocol (Sentry, GlitchTip, Bugsink).

Nothing is told, and its client is not imported, unless ``AFTERWORD_SENTRY_DSN`` says whom. What is
sent is made here of the log's lines and never of requests: which fault, where in the code, at which
route, under which request id. The client only carries it; whatever it adds is taken out again.
"""

from __future__ import annotations

import logging
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from flask import has_request_context, request

from afterword.core import config, log
from afterword.core.config import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

# A database that is away is one fault, however many requests find it so.
AGAIN_SECONDS: Final = 60.0
SENT: Final = frozenset(
    {"event_id", "timestamp", "platform", "level", "logger", "release", "exception"}
    | {"message", "tags", "sdk"}
)


def start(settings: Settings) -> None:
    """Tell of every error in the log from now on. Raises WrongSetting without the extra."""
    if not settings.sentry_dsn:
        return
    try:
        import sentry_sdk
    except ImportError:
        raise config.needs_extra("SENTRY_DSN", "sentry") from None
    client = sentry_sdk.Client(
        dsn=settings.sentry_dsn,
        release=f"afterword@{version('afterword')}",
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_client_reports=False,
        max_breadcrumbs=0,
        before_send=_only_ours,
    )
    # What it says of its own would come back to it.
    for own in ("sentry_sdk.errors", "urllib3"):
        logging.getLogger(own).propagate = False
    logging.getLogger().addHandler(_Told(client))


class _Told(logging.Handler):
    def __init__(self, client: Any) -> None:
        super().__init__(logging.ERROR)
        self._client = client
        self._told: dict[tuple[str, type], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._tell(record)
        except Exception:  # whoever logs goes on, as with every other handler
            self.handleError(record)

    def _tell(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        sentence = _sentence(record)
        kind = (sentence, type(error))
        now = time.monotonic()
        if now - self._told.get(kind, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return
        self._told[kind] = now
        self._client.capture_event(_event(record, sentence, error))


def _sentence(record: logging.LogRecord) -> str:
    """What the code says, without what was filled in; others may have filled it in themselves."""
    is_ours = record.name.startswith("afterword")
    return str(record.msg) if is_ours else f"An error of {record.name}"


def _event(record: logging.LogRecord, sentence: str, error: BaseException | None) -> dict[str, Any]:
    event: dict[str, Any] = {
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": sentence,
    }
    if error is not None:
        event["exception"] = {"values": [_exception(one) for one in log.chain(error)]}
    if has_request_context():
        rule = request.url_rule
        event["tags"] = {
            "request": log.request_id(),
            "method": request.method,
            "route": rule.rule if rule else "other",
        }
    return event


def _exception(error: BaseException) -> dict[str, Any]:
    frames = []
    at = error.__traceback__
    while at is not None:
        # What was compiled from a text may have no module, or None.
        code, module = at.tb_frame.f_code, at.tb_frame.f_globals.get("__name__") or ""
        frames.append(
            {
                "module": module,
                "filename": module.replace(".", "/") + ".py",
                "function": code.co_qualname if hasattr(code, "co_qualname") else code.co_name,
                "lineno": at.tb_lineno,
                "in_app": module.startswith("afterword"),
            }
        )
        at = at.tb_next
    return {
        "type": log.name(error),
        "value": log.words(error),
        "stacktrace": {"frames": frames},
    }


def _only_ours(event: Event, _hint: Hint) -> Event | None:
    for name in set(event) - SENT:
        del event[name]  # type: ignore[misc]
    return event
