"""A real Redis that keeps nothing on disk. `redis_url` is its address, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.servers.process import folder, free_port, program, running


@dataclass(frozen=True)
class RedisServer:
    """A running server."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """As HELPDESK_REDIS_URL takes it."""
        return f"redis://127.0.0.1:{self.port}/0"


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """An empty Redis within the block, on a free port of loopback."""
    redis_server = program("redis-server", package="redis-server")
    with folder("redis") as home:
        port = free_port()
        command = [
            redis_server,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            str(home),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with running(command, log=home / "log", ready=lambda: _pings(port)) as process:
            yield RedisServer(port=port, pid=process.pid)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The session's Redis."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis."""
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


def _pings(port: int) -> bool:
    with suppress(RedisError), Redis(port=port, socket_timeout=2) as client:
        return bool(client.ping())
    return False
