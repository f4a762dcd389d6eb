"""Counts what happens in this process, in the form that Prometheus reads.

Nothing is counted, and its client is not imported, unless a token says who may read
(``AFTERWORD_METRICS_TOKEN``). Several workers count in files of one folder, which their parent
makes; whichever is asked adds them up.
https://prometheus.github.io/client_python/multiprocess/
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from flask import current_app, has_app_context

from afterword.core.config import Settings

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
# From what is ready in memory to what a reader gives up on.
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
            disable_created_metrics,
        )

        disable_created_metrics()  # a second line for each, which nothing of ours reads
        own = CollectorRegistry()
        self._own = own
        self._answers = Counter(
            "afterword_requests", "Requests that were answered.", _ANSWERED, registry=own
        )
        self._seconds = Histogram(
            "afterword_request_seconds",
            "From a request's arrival to the beginning of its answer.",
            ["route"],
            buckets=SECONDS,
            registry=own,
        )
        self._ready = Counter(
            "afterword_cache_reads",
            "Threads, counts and lists that were asked for, by where they came from: memory, "
            "shared (the file or Redis), stale (the database was away), rendered.",
            ["source"],
            registry=own,
        )
        self._limited = Counter(
            "afterword_limited", "Requests over a limit, by limit.", ["limit"], registry=own
        )
        self._jobs = Counter(
            "afterword_jobs_ended",
            "Tries of jobs, by how they ended: done, failed (tried again), dead.",
            ["kind", "end"],
            registry=own,
        )
        self._slow = Counter(
            "afterword_slow_queries",
            "Database queries over AFTERWORD_SLOW_QUERY_MILLISECONDS.",
            registry=own,
        )
        self._replica = Counter(
            "afterword_replica_reads",
            "Threads that the replica was to render, by how it ended: answered, behind (for this "
            "page), away.",
            ["end"],
            registry=own,
        )
        self._streams = Gauge(
            "afterword_streams", "Open streams of news.", registry=own, multiprocess_mode="livesum"
        )
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    def answered(self, method: str, route: str, status: int, *, seconds: float) -> None:
        """Count an answer. ``route`` is a rule and no path: a few hundred, whatever is asked."""
        key = (method, route, status)
        children = self._children.get(key)
        if children is None:
            verb = method if method in METHODS else "other"
            children = (self._answers.labels(verb, route, status), self._seconds.labels(route))
            if verb == method:  # what clients make up takes no room here
                self._children[key] = children
        children[0].inc()
        children[1].observe(seconds)

    def read(self, source: str) -> None:
        """Count a read of what is kept ready, by where it was found."""
        self._ready.labels(source).inc()

    def limited(self, limit: str) -> None:
        """Count a request that a limit refused."""
        self._limited.labels(limit).inc()

    def job_ended(self, kind: str, end: str) -> None:
        """Count a try of a job."""
        self._jobs.labels(kind, end).inc()

    def slow_query(self) -> None:
        """Count a query that took too long."""
        self._slow.inc()

    def replica_read(self, end: str) -> None:
        """Count a read that the replica was to answer."""
        self._replica.labels(end).inc()

    def streams(self, number: int) -> None:
        """Note how many streams are open in this process."""
        self._streams.set(number)

    def text(self, *more: Collector) -> bytes:
        """All that every process counted, and what ``more`` finds out now."""
        from prometheus_client import CollectorRegistry, generate_latest, process_collector
        from prometheus_client.multiprocess import MultiProcessCollector

        asked = CollectorRegistry()
        if FOLDER in os.environ:
            MultiProcessCollector(asked)
        else:
            asked.register(_Own(self._own))
            process_collector.ProcessCollector(registry=asked)
        for one in more:
            asked.register(one)
        return generate_latest(asked)


_ANSWERED = ["method", "route", "status"]


class _Own:
    """The counters of this process as one collector."""

    def __init__(self, registry: Collector) -> None:
        self._registry = registry

    def collect(self) -> Any:
        return self._registry.collect()


def made(settings: Settings) -> Metrics | None:
    """The counters of a new application; None where nobody may read them."""
    return Metrics() if settings.metrics_token else None


def current() -> Metrics | None:
    """The counters of the application that runs, if it has any."""
    if not has_app_context():
        return None
    found: Metrics | None = current_app.extensions.get("afterword.metrics")
    return found


@contextmanager
def counting_together(settings: Settings, *, workers: int) -> Iterator[None]:
    """Give workers that are started within a folder to count in. Before anything is counted."""
    if workers == 1 or not settings.metrics_token:
        yield
        return
    maker = os.getpid()
    folder = tempfile.mkdtemp(prefix="afterword-metrics-")
    os.environ[FOLDER] = folder
    try:
        yield
    finally:
        if os.getpid() == maker:  # workers come by here as well, when they end
            shutil.rmtree(folder, ignore_errors=True)


def forget_process(number: int) -> None:
    """Take the open streams of a worker that ended out of the sum."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(number)
