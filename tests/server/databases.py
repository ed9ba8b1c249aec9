"""Data folders after their first start, to be copied: with their rows in them, or in a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig
from tests.server.postgres import PostgreSQL

SQLITE, POSTGRESQL = "sqlite", "postgresql"
# The modules whose tests run on both; the long tier (GOFIGR_LONG=1) has more of them.
ON_BOTH = frozenset("test_database test_races test_reactions test_words".split())
ON_BOTH_IN_LONG = frozenset(
    """
    test_accounts test_comments test_documents test_events test_fig1 test_figures test_insight test_invitations test_keys
    test_links test_meaning test_media test_members test_metadata test_notifications test_organizations test_search
    test_search_image test_sharing test_sites test_stories test_tasks test_tokens test_users test_workspaces
    """.split()
)
CHOICE = ON_BOTH | (ON_BOTH_IN_LONG if os.environ.get("GOFIGR_LONG") else frozenset())
CHOSEN = ("config", "team", "world", "town", "database")  # the fixtures that such a module may use


@dataclass(frozen=True)
class Start:
    """A data folder, and the database of its rows where they are not in it."""

    config: ServerConfig
    server: PostgreSQL | None = None
    name: str = ""

    @contextmanager
    def copied(self, folder: Path) -> Iterator[ServerConfig]:
        """The settings of a server on a copy of both."""
        shutil.copytree(self.config.data_dir, folder)
        if self.server is None:
            yield replace(self.config, data_dir=folder)
            return
        name = self.server.make(self.name)
        yield replace(self.config, data_dir=folder, database=self.server.url(name))
        self.server.drop(name)


def start(config: ServerConfig, server: PostgreSQL) -> Start:
    """After the first start of a server, with its rows in a database of its own."""
    name = server.make()
    config = replace(config, database=server.url(name))
    create_app(config).state.store.close()
    return Start(config, server, name)


def on_both(metafunc: pytest.Metafunc) -> None:
    """Have the tests of some modules run twice, but for those that are about SQLite alone."""
    chosen = [name for name in CHOSEN if name in metafunc.fixturenames]
    if chosen and metafunc.module.__name__.rpartition(".")[2] in CHOICE:
        both = [SQLITE] if metafunc.definition.get_closest_marker("sqlite") else [SQLITE, POSTGRESQL]
        scope = "module" if chosen[0] in {"world", "town"} else None
        metafunc.parametrize(chosen[0], both, indirect=True, scope=scope)
