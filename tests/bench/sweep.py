"""A decision over very many comments: how long it takes, and how long who posts meanwhile waits.

Run it with ``python -m tests.bench.sweep [HOW_MANY]``, with ``AFTERWORD_DATABASE_URL`` on another
database. Says the time until all are decided, the time of the undo, and the longest post beside.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from afterword.app import close, create_app
from afterword.core import config
from afterword.core.db import transaction
from afterword.moderation import sweeps
from afterword.moderation.index import Wanted
from afterword.moderation.models import Stage
from afterword.operate import migrate
from afterword.sites import changes
from afterword.threads.models import Comment, State
from tests import make, running
from tests.running import Service

BLOG = "https://blog.example"


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.sweep", description=__doc__)
    words.add_argument("many", nargs="?", type=int, default=10_000)
    many = words.parse_args().many
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        settings = config.read({**os.environ, "AFTERWORD_DATA": str(data)})
        migrate.upgrade(settings)
        app = create_app(settings)
        told = {"form_checks": "off", "rate_limits": "off"}
        if "AFTERWORD_DATABASE_URL" in os.environ:
            told["database_url"] = os.environ["AFTERWORD_DATABASE_URL"]
        with app.app_context():
            _seed(many)
            with running.serving(data, **told) as service:
                sweep = sweeps.start("approve", Wanted(state=State.PENDING), by="bench")
                print(f"{many} decided: {_watch(service, sweep.id, Stage.DONE)}")
                sweeps.undo(sweep.id)
                print(f"taken back: {_watch(service, sweep.id, Stage.UNDONE)}")
        close(app)


def _seed(many: int) -> None:
    page = make.page(changes.add(BLOG))
    with transaction() as session:
        for number in range(many):
            text = f"Comment {number} on boats and tables."
            comment = Comment(site_id=page.site_id, page_id=page.id, name="Ada", text=text)
            comment.html, comment.state = f"<p>{text}</p>", State.PENDING
            session.add(comment)


def _watch(service: Service, sweep_id: str, end: Stage) -> str:
    posts: list[float] = []
    stopped = threading.Event()
    poster = threading.Thread(target=_post, args=(service, posts, stopped))
    began = time.perf_counter()
    poster.start()
    while (sweep := sweeps.find(sweep_id)) is None or sweep.stage is not end:
        sweeps.db.session.commit()
        time.sleep(0.1)
    took = time.perf_counter() - began
    stopped.set()
    poster.join()
    return f"{took:.1f} s, {len(posts)} posts beside, the longest {max(posts) * 1000:.0f} ms"


def _post(service: Service, posts: list[float], stopped: threading.Event) -> None:
    number = 0
    while not stopped.wait(0.1):
        number += 1
        connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=60)
        body = {"url": f"{BLOG}/other", "text": f"Post {number}.", "author": {"name": "Ada"}}
        headers = {"Origin": BLOG, "Content-Type": "application/json"}
        began = time.perf_counter()
        connection.request("POST", "/api/v1/comments", json.dumps(body), headers)
        assert connection.getresponse().status == 201
        posts.append(time.perf_counter() - began)


if __name__ == "__main__":
    main()
