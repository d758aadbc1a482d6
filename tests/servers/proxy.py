"""A line between the desk and a server, which breaks after so many bytes of what the server sends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 4096


@dataclass
class Proxy:
    """Listens on `port`. `cut_after`: bytes to the client of one line before it breaks; None = never."""

    port: int
    cut_after: int | None = None
    passed: list[int] = field(default_factory=list)  # bytes to the client, a number for each line

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        number = len(self.passed)
        self.passed.append(0)
        with client, server:
            back = threading.Thread(target=_pour, args=(client, server), daemon=True)
            back.start()
            with suppress(OSError):
                while piece := server.recv(PIECE):
                    left = None if self.cut_after is None else self.cut_after - self.passed[number]
                    piece = piece if left is None else piece[:left]
                    client.sendall(piece)
                    self.passed[number] += len(piece)
                    if self.passed[number] == self.cut_after:
                        break
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join()


@contextmanager
def running_proxy(to: int) -> Iterator[Proxy]:
    """A proxy to this port of 127.0.0.1 within the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = Proxy(listening.getsockname()[1])

        def take() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    server = socket.create_connection(("127.0.0.1", to))
                    threading.Thread(target=proxy._serve, args=(client, server), daemon=True).start()

        threading.Thread(target=take, name="proxy", daemon=True).start()
        yield proxy
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
