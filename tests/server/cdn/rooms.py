"""Darkrooms with an empty cache, as fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from gofigr_jupyter.server.cdn.darkroom import Darkroom, Developed
from gofigr_jupyter.server.cdn.wishes import Wish
from gofigr_jupyter.server.store.blobs import Cache


class Room:
    """A darkroom of a test, and how often it asked for the bytes of a picture."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.dark = Darkroom(Cache.in_folder(folder), **options)
        self.reads = 0

    def develop(self, content: bytes, content_type: str, query: str = "", *, accept: str = "") -> Developed:
        """What a URL with this query gives."""
        wish = Wish.of([(name, value) for name, _, value in (part.partition("=") for part in query.split("&"))], accept)
        assert wish is not None

        def read() -> Iterator[bytes]:
            self.reads += 1
            yield from (content[at : at + 50_000] for at in range(0, len(content), 50_000))

        return self.dark.develop(blake3(content).hexdigest(), content_type, read, wish)


Opener = Callable[..., Room]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Opens darkrooms upon the same cache; all are closed at the end."""
    with ExitStack() as stack:

        def open_(**options: Any) -> Room:
            room = Room(tmp_path / "cache", **options)
            stack.callback(room.dark.close)
            return room

        yield open_


@pytest.fixture
def room(opened: Opener) -> Room:
    """One darkroom."""
    return opened()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A darkroom for tests that differ by their pictures."""
    made = Room(tmp_path_factory.mktemp("shared"))
    yield made
    made.dark.close()
