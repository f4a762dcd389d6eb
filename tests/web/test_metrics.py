"""What is counted, who may read it, and that dashboard and alerts ask for nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from afterword.app import create_front
from afterword.core.db import db, transaction
from afterword.jobs import queue, worker
from afterword.jobs.kinds import KINDS
from afterword.operate import backup, figures
from afterword.web.front import PATHS
from tests import make, redis, running
from tests.conftest import BLOG, PAGE
from tests.web.test_front import THREAD, ask

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-some-length"
DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture
def told(told):
    return {**told, "AFTERWORD_METRICS_TOKEN": TOKEN}


@pytest.fixture
def read(client, monkeypatch):
    """The samples that whoever holds the token reads: {(name, labels): value}."""
    monkeypatch.setattr(figures, "FRESH_SECONDS", -1)

    def samples():
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return _samples(answer.text)

    return samples


def _samples(text):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _of(samples, name, **labels):
    return samples.get((name, *sorted(labels.items())), 0)


class TestWithoutAToken:
    @pytest.fixture
    def told(self):
        return {}

    def test_there_is_no_such_address(self, client):
        for told in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}"}):
            assert client.get("/metrics", headers=told).status_code == 404


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", TOKEN, "Bearer é"])
def test_who_does_not_hold_the_token_learns_nothing(client, said):
    answer = client.get("/metrics", headers={"Authorization": said})
    assert answer.status_code == 404
    assert b"afterword_" not in answer.data


def test_answers_are_counted_by_route_and_status_and_timed(client, post, read):
    post("One.")
    post("")
    client.get("/api/v1/thread", query_string={"url": PAGE})
    client.get("/nobody/knows/this")
    client.open("/healthz", method="BREW")
    found = read()
    counted = "afterword_requests_total"
    comments = {"method": "POST", "route": "/api/v1/comments"}
    assert _of(found, counted, **comments, status="201") == 1
    assert _of(found, counted, **comments, status="400") == 1
    assert _of(found, counted, method="GET", route="other", status="404") == 1
    assert _of(found, counted, method="other", route="other", status="405") == 1
    assert _of(found, "afterword_request_seconds_count", route="/api/v1/comments") == 2
    assert "nobody" not in str(found)


def test_what_the_front_hands_out_is_counted_too(app, client, post, read):
    post("One.")
    front = create_front(app)
    for _ in range(5):
        assert ask(front, "/api/v1/thread", THREAD)[0] == 200
    found = read()
    asked = {"method": "GET", "route": "/api/v1/thread", "status": "200"}
    assert _of(found, "afterword_requests_total", **asked) == 5
    assert _of(found, "afterword_cache_reads_total", source="rendered") == 1
    assert _of(found, "afterword_cache_reads_total", source="memory") == 4


def test_the_script_counts_as_no_read_of_threads_whoever_sends_it(app, read):
    front = create_front(app)
    for _ in range(3):
        assert ask(front, "/embed.js")[0] == 200
    found = read()
    asked = {"method": "GET", "route": "/embed.js", "status": "200"}
    assert _of(found, "afterword_requests_total", **asked) == 3
    assert not [key for key in found if key[0] == "afterword_cache_reads_total"]


class TestWithLittleMemory:
    @pytest.fixture
    def told(self, told):
        return {**told, "AFTERWORD_CACHE_MEGABYTES": "1"}

    def test_what_outgrew_it_counts_as_shared_when_it_comes_back(self, app, site, read):
        addresses = [f"{BLOG}/{number}" for number in range(300)]
        with app.app_context():
            for one in addresses:
                make.comment(make.page(site, one))
        front = create_front(app)

        def get(address):
            asked = f"url={quote(address, safe='')}"
            return ask(front, "/api/v1/thread", asked, accept_encoding="br")[0]

        assert {get(one) for one in addresses} == {200}
        before = read()
        assert _of(before, "afterword_cache_reads_total", source="rendered") == 300
        assert _of(before, "afterword_cache_reads_total", source="shared") == 0
        assert [get(addresses[0]) for _ in range(3)] == [200] * 3
        found = read()
        assert _of(found, "afterword_cache_reads_total", source="rendered") == 300
        assert _of(found, "afterword_cache_reads_total", source="shared") == 1
        assert _of(found, "afterword_cache_reads_total", source="memory") == 2


def test_an_answer_counts_for_the_same_route_whether_the_front_sends_it_or_flask(app, post, read):
    post("One.")
    front = create_front(app)
    for path in sorted(PATHS):
        site = "&site=blog.example" if "site." in path or "latest" in path else ""
        for _ in range(2):
            assert ask(front, path, THREAD + site)[0] == 200
    found = read()
    counted = {key[2][1]: found[key] for key in found if key[0] == "afterword_requests_total"}
    counted.pop("/api/v1/comments")
    assert sum(counted.values()) == 2 * len(PATHS)
    assert len(counted) == len(PATHS) - 2  # the feeds' forms are two of each route
    assert set(counted) <= {rule.rule for rule in app.url_map.iter_rules()}


def test_comments_are_counted_by_state_and_the_queue_by_age(app, client, post, read):
    found = read()
    assert _of(found, "afterword_comments", state="pending") == 0
    for number in range(3):
        post(f"Number {number}.")
    with app.app_context():
        db.session.execute(db.text("UPDATE comments SET state = 'pending' WHERE text LIKE '%2.'"))
        db.session.execute(db.text("UPDATE comments SET created = '2026-01-01T00:00:00.000000Z'"))
        db.session.commit()
    found = read()
    assert _of(found, "afterword_comments", state="visible") == 2
    assert _of(found, "afterword_comments", state="pending") == 1
    assert _of(found, "afterword_oldest_pending_seconds") > 24 * 3600


def test_jobs_are_counted_by_how_they_ended(app, read, monkeypatch):
    monkeypatch.setitem(KINDS, "good", f"{__name__}:_do_nothing")
    monkeypatch.setitem(KINDS, "bad", f"{__name__}:_fail")
    with app.app_context():
        with transaction():
            queue.add("good", {})
            queue.add("bad", {})
        assert _of(read(), "afterword_jobs_waiting") == 2
        assert worker.do_next()
        assert worker.do_next()
    found = read()
    assert _of(found, "afterword_jobs_ended_total", kind="good", end="done") == 1
    assert _of(found, "afterword_jobs_ended_total", kind="bad", end="failed") == 1
    assert _of(found, "afterword_jobs_waiting") == 1


def _do_nothing():
    pass


def _fail():
    raise RuntimeError


class TestWithNarrowLimits:
    @pytest.fixture
    def told(self):
        return {
            "AFTERWORD_METRICS_TOKEN": TOKEN,
            "AFTERWORD_FORM_CHECKS": "off",
            "AFTERWORD_POST_LIMIT": "2 per minute",
        }

    def test_what_limits_refuse_is_counted(self, post, read):
        assert [post(f"Number {n}.").status_code for n in range(4)] == [201, 201, 429, 429]
        assert _of(read(), "afterword_limited_total", limit="post") == 2


def test_a_database_that_is_away_is_told_and_the_rest_too(app, client, read, monkeypatch):
    client.get("/healthz")
    monkeypatch.setattr(figures, "look", _gone)
    found = read()
    assert _of(found, "afterword_database_up") == 0
    asked = {"method": "GET", "route": "/healthz", "status": "200"}
    assert _of(found, "afterword_requests_total", **asked) == 1


def test_who_asks_while_another_waits_for_the_database_gets_the_last_figures(
    post, read, monkeypatch
):
    post("One.")
    assert _of(read(), "afterword_comments", state="visible") == 1
    post("Two.")
    look, is_asked, is_answered = figures.look, threading.Event(), threading.Event()

    def look_long(settings):
        is_asked.set()
        assert is_answered.wait(10)
        return look(settings)

    monkeypatch.setattr(figures, "look", look_long)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(read)
        assert is_asked.wait(10)
        assert _of(read(), "afterword_comments", state="visible") == 1
        is_answered.set()
        assert _of(first.result(), "afterword_comments", state="visible") == 2


def _gone(_settings):
    raise db.exc.OperationalError("SELECT", {}, Exception("gone"))


def _names_asked_for(file):
    return set(re.findall(r"\bafterword_[a-z_]+", file.read_text(encoding="utf-8")))


@pytest.mark.sqlite("PostgreSQL has no copies of ours to count")
@pytest.mark.parametrize("file", ["grafana/afterword.json", "prometheus/afterword-alerts.yml"])
def test_dashboard_and_alerts_ask_for_what_there_is(file, client, read):
    asked = _names_asked_for(DEPLOY / file)
    assert len(asked) >= 10
    client.get("/healthz")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    known = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    known |= {name.partition("{")[0].partition(" ")[0] for name in text.splitlines()}
    assert asked <= known


def test_an_alert_tells_of_a_replica_that_answers_nothing():
    ends = re.findall(r'end=~"([^"]*)"', _alerts()["AfterwordReplicaIsOfNoUse"])
    assert ends == ["away|behind"]


def test_an_alert_of_an_old_copy_comes_when_the_desk_says_so_and_not_between_weekly_ones():
    assert _alerts()["AfterwordBackupIsOld"].endswith(f" > {backup.OLD.days} * 86400")


def _alerts():
    """What each asks for, by its name."""
    whole = yaml.safe_load((DEPLOY / "prometheus" / "afterword-alerts.yml").read_text("utf-8"))
    return {rule["alert"]: rule["expr"] for group in whole["groups"] for rule in group["rules"]}


@pytest.mark.sqlite("PostgreSQL has no copies of ours to count")
def test_everything_that_is_counted_is_documented_and_on_the_dashboard(client, read):
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    named = set(re.findall(r"^# TYPE (afterword_\w+) (?:counter|gauge|histogram)$", text, re.M))
    page = (DEPLOY.parent / "docs" / "observe.md").read_text(encoding="utf-8")
    assert named == set(re.findall(r"^\| `(afterword_\w+)", page, re.MULTILINE))
    shown = _names_asked_for(DEPLOY / "grafana" / "afterword.json")
    assert {name.removesuffix("_bucket") for name in shown} == named


def test_the_dashboard_names_every_panel_once_and_asks_the_source_that_is_chosen():
    board = json.loads((DEPLOY / "grafana" / "afterword.json").read_text(encoding="utf-8"))
    titles = [panel["title"] for panel in board["panels"]]
    assert len(titles) == len(set(titles)) > 15
    assert {panel["datasource"]["uid"] for panel in board["panels"]} == {"${source}"}


@pytest.mark.skipif(not shutil.which("curl"), reason="the page asks by curl")
def test_the_page_on_counters_says_how_to_read_them(tmp_path):
    """Its lines, as they stand; the service begins between the first block and the second."""
    page = (DEPLOY.parent / "docs" / "observe.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page.partition("## Counters")[2], re.DOTALL)
    made, noted, again = blocks[0].splitlines()
    _shell(made, tmp_path)
    _shell(noted.replace("sudo tee --append /etc/", "tee --append "), tmp_path)
    name, _, token = (tmp_path / "afterword.env").read_text("utf-8").strip().partition("=")
    assert (name, again) == ("AFTERWORD_METRICS_TOKEN", "sudo systemctl restart afterword")
    with running.serving(tmp_path / "data", metrics_token=token) as service:
        asked = blocks[1].replace("http://127.0.0.1:8000", service.url)
        assert "afterword_build_info" in _shell(asked, tmp_path)


def test_the_page_puts_the_token_where_prometheus_reads_it():
    page = (DEPLOY.parent / "docs" / "observe.md").read_text(encoding="utf-8")
    whole = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    (asked,) = whole["scrape_configs"]
    assert f" metrics-token {asked['authorization']['credentials_file']}`" in page


def _shell(line, folder):
    words = ["bash", "-euo", "pipefail", "-c", line]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_several_workers_are_added_up_by_whichever_is_asked(tmp_path):
    data = tmp_path / "data"
    running.installed(data, BLOG)
    with (
        redis.server() as server,
        running.serving(data, workers=2, redis_url=server.url, metrics_token=TOKEN) as service,
    ):
        for _ in range(40):  # one connection each: the kernel spreads them over the workers
            with urllib.request.urlopen(f"{service.url}/healthz") as answer:
                answer.read()
        told = {"Authorization": f"Bearer {TOKEN}"}
        asked = {"method": "GET", "route": "/healthz", "status": "200"}
        for _ in range(6):
            request = urllib.request.Request(f"{service.url}/metrics", headers=told)
            with urllib.request.urlopen(request) as answer:
                found = _samples(answer.read().decode())
            assert _of(found, "afterword_requests_total", **asked) == 40


@pytest.mark.slow
def test_open_streams_are_counted_until_they_end(tmp_path):
    data = tmp_path / "data"
    running.installed(data, BLOG)

    def streams(service):
        told = {"Authorization": f"Bearer {TOKEN}"}
        request = urllib.request.Request(f"{service.url}/metrics", headers=told)
        with urllib.request.urlopen(request) as answer:
            return _of(_samples(answer.read().decode()), "afterword_streams")

    with running.serving(data, metrics_token=TOKEN) as service:
        stream = urllib.request.urlopen(f"{service.url}/api/v1/stream?{THREAD}")
        assert stream.read(1)
        assert streams(service) == 1
        stream.close()
        while streams(service):
            threading.Event().wait(0.05)
