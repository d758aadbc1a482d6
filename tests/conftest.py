"""What every test can ask for: a desk on either database, and the cast.

A test that takes `app` (or anybody of the cast) runs twice, on SQLite and on a real PostgreSQL, each on a database of
its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine

from config import Settings
from helpdesk import clock, create_app, migrating
from helpdesk.db import db
from helpdesk.workflows import revisions
from tests.cast import Character, hire

pytest_plugins = [
    "tests.plugins.no_skips",
    "tests.plugins.remembered",
    "tests.plugins.told",
    "tests.servers.browser",
    "tests.servers.certificate",
    "tests.servers.dovecot",
    "tests.servers.http_sink",
    "tests.servers.mail_sink",
    "tests.servers.oauth",
    "tests.servers.postgresql",
    "tests.servers.redis",
    "tests.plugins.post",  # last: it uses the servers
]

DESK = Path(__file__).parent / "desk.yaml"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file with all migrations applied, to be copied."""
    path = tmp_path_factory.mktemp("template") / "helpdesk.sqlite3"
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    migrating.upgrade(engine)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty database; the test runs once on each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    place = tmp_path / "helpdesk.sqlite3"
    shutil.copy(request.getfixturevalue("migrated_sqlite"), place)
    return f"sqlite:///{place}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        env="test",
        var=str(tmp_path / "var"),
        database_url=database_url,
        secret_key="the tests' own key, long enough to sign with",
        workflows=str(DESK),
        base_url="http://desk.example",
        sqlite_synchronous="normal",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """A desk with the tests' workflows in force and nobody in it."""
    app = create_app(settings)
    with app.app_context():
        adopted = revisions.adopt_file(settings.workflow_path)
        assert adopted.revision, [str(finding) for finding in adopted.findings]
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def olga(app: Flask) -> Character:
    """A customer the desk does not know yet: she exists once she writes."""
    return Character(app, "olga@example.org")


@pytest.fixture
def ann(app: Flask) -> Character:
    """An agent of the front line."""
    return hire(app, "ann@acme.example", "Ann", groups=["front"])


@pytest.fixture
def boris(app: Flask) -> Character:
    """The head of support."""
    return hire(app, "boris@acme.example", "Boris", roles=["manager"])


@pytest.fixture
def kadri(app: Flask) -> Character:
    """The accountant: sees only tickets that await payment."""
    return hire(app, "kadri@acme.example", "Kadri", roles=["accountant"])


@pytest.fixture
def edgar(app: Flask) -> Character:
    """An engineer of the workshop."""
    return hire(app, "edgar@acme.example", "Edgar", groups=["workshop"])


@pytest.fixture
def mallory(app: Flask) -> Character:
    """Another firm's customer, who must see nothing of this one's."""
    return hire(app, "mallory@evil.example", "Mallory")


@pytest.fixture
def still() -> Iterator[None]:
    """The clock stands, and goes on when a test says so."""
    with clock.frozen(datetime.now(UTC)):
        yield
