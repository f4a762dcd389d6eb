"""Three nodes as on three hosts: a data folder each, one PostgreSQL, one Redis, nginx in front."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pytest

from tests import mailbox, proxies, redis, running
from tests.cluster.load import Load
from tests.conftest import BLOG
from tests.mailbox import Mailbox
from tests.postgresql import Server
from tests.proxies import Proxy
from tests.running import Service

NODES = 3
TOLD = {
    "form_checks": "off",
    "secret_keys": "one-secret-for-all-of-the-three-nodes",
    "metrics_token": "whoever-holds-this-may-count-nodes",
}


@dataclass
class Cluster:
    """What runs, so that tests can take parts of it away."""

    folder: Path
    ports: list[int]
    told: dict[str, str]
    postgresql: Server
    database: str
    redis: redis.Server
    proxy: Proxy
    mail: Mailbox
    nodes: list[Service]
    stack: ExitStack

    def start(self, number: int) -> None:
        """Start a node, or start one again that was killed."""
        serving = running.serving(
            self.folder / f"node-{number}" / "data", port=self.ports[number], **self.told
        )
        service = self.stack.enter_context(serving)
        self.nodes = [*self.nodes[:number], service, *self.nodes[number + 1 :]]

    def stored(self) -> dict[str, str]:
        """The comments of the load in the database, as ``Load.accepted`` has them; whole."""
        address = self.database.replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            rows = connection.execute(
                "SELECT text, id FROM comments WHERE text LIKE '%-of-the-load-%'"
            ).fetchall()
            wrong = connection.execute(
                "SELECT count(*) FROM pages p WHERE p.count <> "
                "(SELECT count(*) FROM comments c WHERE c.page_id = p.id)"
            ).fetchone()
        assert wrong == (0,)
        assert len(rows) == len(dict(rows)), "a comment is stored twice"
        return dict(rows)


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    ports = [running.free_port() for _ in range(NODES)]
    with ExitStack() as stack:
        server = stack.enter_context(Server.running())
        shared = stack.enter_context(redis.server())
        mail = stack.enter_context(mailbox.mailbox())
        proxy = stack.enter_context(proxies.nginx(folder / "proxy", ports))
        database = server.new_database()
        told = {**TOLD, "database_url": database, "redis_url": shared.url, "smtp_url": mail.url}
        told |= {"public_url": proxy.url, "trusted_proxies": "127.0.0.1"}
        told |= {"post_limit": "100000 per minute", "page_limit": "100000 per minute"}
        told |= {"site_limit": "100000 per minute"}
        found = Cluster(
            folder, ports, told, server, database, shared, proxy, mail, [None] * NODES, stack
        )
        # All at once on an empty database: one of them makes the tables, the others wait for it.
        with ThreadPoolExecutor(NODES) as together:
            list(together.map(found.start, range(NODES)))
        said = running.command(folder / "node-0" / "data", "init", "--site-origin", BLOG, **told)
        assert said.returncode == 0, said.stderr
        running.wait_until(lambda: all(_knows_the_site(node) for node in found.nodes))
        yield found


def _knows_the_site(node: Service) -> bool:
    with contextlib.suppress(HTTPError), urlopen(f"{node.url}/api/v1/thread?url={BLOG}/"):
        return True
    return False


@pytest.fixture
def load(cluster: Cluster) -> Iterator[Load]:
    """Readers and writers, going on by the time the test begins."""
    going_on = Load(cluster.proxy)
    going_on.start()
    try:
        going_on.wait_for(60)
        yield going_on
    finally:
        going_on.stop()
