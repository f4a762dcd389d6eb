"""An address at which another server stands from one moment on, as after a failover."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Address:
    """A port of this machine that leads to another one, and whoever comes anew still there after it
    has moved; who came before keeps a connection over which nothing is heard any more."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._moves = 0
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    @classmethod
    @contextmanager
    def of(cls, port: int) -> Iterator[Address]:
        """Lead to this port until the block ends."""
        made = cls(port)
        taking = threading.Thread(target=made._take)
        taking.start()
        try:
            yield made
        finally:
            made._listening.shutdown(socket.SHUT_RDWR)
            taking.join()
            for one in (made._listening, *made._open):
                one.close()

    def move(self) -> None:
        """Leave those who are connected by now without an answer; nobody tells them."""
        self._moves += 1

    def _take(self) -> None:
        with contextlib.suppress(OSError):  # the end
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._behind))
                self._open += [client, server]
                for way in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        since = self._moves
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                if since == self._moves:
                    sink.sendall(piece)
            if since == self._moves:
                sink.shutdown(socket.SHUT_WR)
