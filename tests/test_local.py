"""The embedded server's port and token: drawn once, kept, private."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gofigr_jupyter.local import FORBIDDEN_PORTS, draw_port, local_server


def test_port_and_token_stay(home: Path) -> None:
    first, second = local_server(home), local_server(home)
    assert first == second
    assert first.port not in FORBIDDEN_PORTS
    assert first.token not in repr(first)
    for name in ("port", "token"):
        assert stat.S_IMODE((home / "server" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "server").stat().st_mode) == 0o700


def test_many_at_once_agree(home: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: local_server(home), range(64)))
    assert len(found) == 1
    assert {path.name for path in (home / "server").iterdir()} == {"port", "token"}


def test_proof_depends_on_nonce_and_token(home: Path, tmp_path: Path) -> None:
    one, other = local_server(home), local_server(tmp_path)
    assert one.proof("a") == one.proof("a") != one.proof("b")
    assert one.proof("a") != other.proof("a")


def test_drawn_ports_are_free_and_allowed() -> None:
    assert all(1024 <= draw_port() < 65536 for _ in range(20))


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        local_server(tmp_path / "file")
