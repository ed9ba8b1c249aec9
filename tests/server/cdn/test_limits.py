"""How large files may be: at the limit, one byte above, nothing at all; and who lies about it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from gofigr_jupyter.schema.fig1 import Limits
from gofigr_jupyter.server.cdn import signing
from gofigr_jupyter.server.cdn.signing import Claim
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store import cdn
from tests.server.cdn.conftest import Program, refused
from tests.server.cdn.files import FILES
from tests.server.conftest import Client

EXPIRED = "Upload URL has expired. Request a new one."
SMALL = Limits(image=1 << 20, document=2 << 20, media=3 << 20)


@pytest.fixture
def config(config: ServerConfig) -> ServerConfig:
    """Limits that are soon reached."""
    return replace(config, limits=SMALL)


def grown(content: bytes, size: int) -> bytes:
    """A file of this size that still begins as it did."""
    return content + b" " * (size - len(content))


def in_pieces(content: bytes) -> Iterator[bytes]:
    """So that nobody is told the length before."""
    for start in range(0, len(content), 100_000):
        yield content[start : start + 100_000]


@pytest.mark.parametrize(("ending", "limit"), [("png", 1), ("pdf", 2), ("txt", 2), ("mp4", 3), ("svg", 1)])
def test_at_the_limit_and_above(program: Program, ending: str, limit: int) -> None:
    kind, content = FILES[ending]
    size = limit << 20
    too_large = f"File exceeds maximum size of {limit}MB"
    for target in (program.target(f"a.{ending}", kind) for _ in range(2)):
        refused(program.put(target, grown(content, size + 1), kind), 413, too_large)
        refused(program.put(target, in_pieces(grown(content, size + 1)), kind), 413, too_large)
        refused(program.client.get(target["cdnUrl"]), 404)
        assert program.put(target, in_pieces(grown(content, size)), kind).status_code == 200
        assert len(program.client.get(target["cdnUrl"]).content) == size


def test_the_usual_limits() -> None:
    limits = Limits()
    assert (limits.image, limits.document, limits.media) == (10 << 20, 50 << 20, 500 << 20)


def test_nothing_at_all(program: Program) -> None:
    for ending, (kind, _) in FILES.items():
        target = program.target(f"a.{ending}", kind)
        refused(program.put(target, b"", kind), 400)
        refused(program.client.get(target["cdnUrl"]), 404)


@pytest.mark.parametrize("length", ["99999999999", "9" * 30, str((1 << 20) + 1)])
def test_a_length_that_is_said_to_be_too_large_is_refused_unread(program: Program, length: str) -> None:
    target = program.target("a.png", "image/png")
    answer = program.client.put(target["uploadUrl"], content=FILES["png"][1], headers={"content-length": length, "content-type": "image/png"})
    assert answer.status_code in {400, 413}
    refused(program.client.get(target["cdnUrl"]), 404)


def test_a_url_expires(program: Program, config: ServerConfig) -> None:
    target = program.target("a.png", "image/png")
    claim = signing.read(config.data_dir, target["uploadUrl"].rpartition("/")[2])
    assert claim is not None
    assert time.time() + 3500 < claim.expires <= time.time() + 3600
    late = replace(claim, expires=int(time.time()) - 1)
    url = f"/cdn/upload/{signing.sign(config.data_dir, late)}"
    kind, content = FILES["png"]
    refused(program.client.put(url, content=content, headers={"content-type": kind}), 400, EXPIRED)


def test_a_claim_counts_as_a_whole(program: Program, config: ServerConfig) -> None:
    """Signed by us, and still not as it was promised."""
    target = program.target("a.png", "image/png")
    claim = signing.read(config.data_dir, target["uploadUrl"].rpartition("/")[2])
    assert claim is not None
    other = program.target("b.png", "image/png")["key"]
    for changed in (
        replace(claim, file_id="nowhere"),
        replace(claim, site_id="nowhere"),
        replace(claim, asker="site-key:nowhere"),
        replace(claim, key=other),
    ):
        url = f"/cdn/upload/{signing.sign(config.data_dir, changed)}"
        refused(program.client.put(url, content=FILES["png"][1], headers={"content-type": "image/png"}), 400, EXPIRED)


def test_a_claim_of_another_version(config: ServerConfig) -> None:
    @dataclass(frozen=True)
    class Newer(Claim):
        site: str = "x"

    values = ("a", "b", "c", "d", "e", 1, int(time.time()) + 9)
    assert signing.read(config.data_dir, signing.sign(config.data_dir, Claim(*values))) == Claim(*values)
    assert signing.read(config.data_dir, signing.sign(config.data_dir, Newer(*values))) is None


def test_addresses_that_nobody_used_are_free_again(program: Program, app: object) -> None:
    store = app.state.store  # type: ignore[attr-defined]
    first = program.target("a.png", "image/png")["key"]
    with store.writing() as db:
        site = cdn.keys(db)[0].site
        long_ago = cdn.promise(db, site, "/old.png", "image/png", life=timedelta(days=-2))
        key = long_ago.key
    assert program.target("old.png", "image/png")["key"] == key
    assert program.target("a.png", "image/png")["key"] != first


def test_the_signing_key_is_for_nobody_else(program: Program, config: ServerConfig) -> None:
    program.target("a.png", "image/png")
    assert (config.data_dir / signing.FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_anybody_can_read_and_nobody_else_can_write(program: Program, anonymous: Client) -> None:
    path = program.upload("a.png", *FILES["png"])
    assert anonymous.get(path).status_code == 200
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        refused(anonymous.request(method, path, content=b"x"), 405)
