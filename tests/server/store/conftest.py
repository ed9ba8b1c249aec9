"""A store on a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store.store import Store


@pytest.fixture
def store(config: ServerConfig) -> Iterator[Store]:
    """A store with nothing but the local user in it."""
    store = Store.in_folder(config.data_dir, config.database)
    yield store
    store.close()
