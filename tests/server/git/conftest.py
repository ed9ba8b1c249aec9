"""A git server with one repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.git.forge import Forge, Repository, forge


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with two branches."""
    made = Repository(tmp_path / "repositories")
    made.commit({"README.md": "one", "analysis/growth.ipynb": "{}", "a link.ipynb": "{}"})
    made.commit({"README.md": "two"}, branch="feature/x")
    return made


@pytest.fixture
def server(repository: Repository) -> Iterator[Forge]:
    """It is served."""
    with forge(repository.folder.parent) as made:
        yield made
