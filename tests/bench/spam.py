"""What the learning filter costs a comment, and a decision, over a site that has learned much.

Run it with ``python -m tests.bench.spam``; it takes about half a minute. The promise is that an
opinion takes at most a millisecond; deciding is a write, and waits for the disk as all writes do.
"""

from __future__ import annotations

import csv
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from afterword.app import close, create_app
from afterword.core import config
from afterword.core.db import db, transaction
from afterword.operate import migrate
from afterword.sites import changes
from afterword.sites.directory import KnownSite
from afterword.spam import bayes, learn, tokens
from afterword.spam.bayes import Knowledge
from afterword.spam.models import Feature, Taught
from afterword.threads.draft import Draft
from afterword.threads.models import Comment
from tests import make

COMMENTS = Path(__file__).parent.parent / "service" / "comments.csv"
LEARNED = 5000
PAGE = "https://blog.example/a"


def main() -> None:
    """Measure and print."""
    with COMMENTS.open(encoding="utf-8") as table:
        texts = [row["text"] for row in csv.DictReader(table)]
    longest = (" ".join(texts) * 2)[:8192]
    with tempfile.TemporaryDirectory() as folder:
        settings = config.read({"AFTERWORD_DATA": folder})
        migrate.upgrade(settings)
        app = create_app(settings)
        with app.app_context():
            site = changes.add("https://blog.example")
            _learn(site, texts)
            rows = db.session.query(Feature).count()
            print(f"{LEARNED} comments learned, {rows} features kept")
            _print("features of a text", texts, tokens.features)
            _print("opinion, one query", texts, lambda text: _opinion(text, site.id))
            _print("opinion, 8,192 characters", [longest] * 50, lambda t: _opinion(t, site.id))
            known = Knowledge()
            whole = [tokens.features(text) for text in texts]
            _print("arithmetic alone", whole, lambda features: bayes.judge(features, known))
            page = make.page(site, f"{PAGE}/decide")
            waiting = [make.comment(page, text=text) for text in texts]
            _print("a decision learned", waiting, _decide)
            db.session.remove()
            db.engine.dispose()
        close(app)


def _learn(site: KnownSite, texts: list[str]) -> None:
    chooser = random.Random(1)
    words = sorted({word for text in texts for word in text.split()})
    page = make.page(site, PAGE)
    made = make.comments(page, LEARNED)
    for start in range(0, LEARNED, 500):
        with transaction():
            for comment in made[start : start + 500]:
                comment.text = " ".join(chooser.choices(words, k=30))
            kinds = (Taught.SPAM, Taught.GOOD)
            learn.follow((one, kinds[n % 2]) for n, one in enumerate(made[start : start + 500]))


def _opinion(text: str, site_id: int) -> None:
    learn.opinion(Draft(url=PAGE, text=text, name="Ada"), site_id=site_id, form_age=30.0)


def _decide(comment: Comment) -> None:
    with transaction():
        learn.follow([(comment, Taught.SPAM)])


def _print(name: str, over: Iterable[Any], do: Callable[[Any], object]) -> None:
    took = []
    for one in over:
        began = time.perf_counter()
        do(one)
        took.append((time.perf_counter() - began) * 1000)
    tenths = statistics.quantiles(took, n=20)
    print(f"{name:28} median {statistics.median(took):6.2f} ms   95 of 100 {tenths[18]:6.2f} ms")


if __name__ == "__main__":
    main()
