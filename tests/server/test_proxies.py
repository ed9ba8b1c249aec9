"""Behind a proxy: its word on where a request comes from, and by what, counts when the operator trusts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.local import draw_port
from gofigr_jupyter.server import accounts, config
from tests.server.processes import environment
from tests.server.team import PASSWORD

pytestmark = pytest.mark.slow
NAME = "ada"


@contextmanager
def serving(folder: Path, **variables: str) -> Iterator[httpx.Client]:
    """A team server as a process."""
    accounts.add_user(folder / "team", NAME, None, PASSWORD)
    port = draw_port()
    code = (
        "from pathlib import Path; from gofigr_jupyter.server.run import serve; "
        f"serve('127.0.0.1', {port}, Path({str(folder / 'team')!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(folder, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        assert str(port) in process.stdout.readline().decode()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def sign_in(client: httpx.Client, address: str, password: str = PASSWORD) -> httpx.Response:
    """As a proxy passes it on that somebody at this address reached by TLS."""
    client.cookies.clear()
    headers = {"x-forwarded-for": f"203.0.113.99, {address}", "x-forwarded-proto": "https"}
    return client.post("/.gofigr/login", data={"username": NAME, "password": password}, headers=headers)


@pytest.mark.parametrize(
    ("trusted", "is_believed"), [("127.0.0.0/8, ::1", True), ("127.0.0.1", True), ("192.0.2.1", False), ("", False)]
)
def test_a_proxys_word_counts_when_it_is_trusted(tmp_path: Path, trusted: str, is_believed: bool) -> None:
    with serving(tmp_path, GOFIGR_JUPYTER_TRUSTED_PROXIES=trusted) as client:
        let_in = sign_in(client, "198.51.100.1")
        assert let_in.status_code == 303
        assert ("Secure" in let_in.headers["set-cookie"]) == is_believed
        guesses = [sign_in(client, "198.51.100.66", "wrong").status_code for _ in range(11)]
        assert guesses == [401] * 10 + [429]
        # the guesser is a stranger then; else all come from one place, which is the owner's own
        assert sign_in(client, "198.51.100.1").status_code == (303 if is_believed else 429)


def test_the_public_address_is_one_of_its_names(tmp_path: Path) -> None:
    with serving(tmp_path, GOFIGR_JUPYTER_PUBLIC_URL="https://Figures.example.org/base") as client:
        port = client.base_url.port
        for host, status in ((f"127.0.0.1:{port}", 200), ("figures.example.org", 200), ("evil.example", 403)):
            assert client.get("/.gofigr/login", headers={"host": host}).status_code == status


def test_settings_that_cannot_be_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.SECURE_VARIABLE, "sometimes")
    with pytest.raises(ConfigurationError, match="auto, always, never"):
        config.secure_cookies()
    monkeypatch.setenv(config.PUBLIC_VARIABLE, "figures.example.org")
    with pytest.raises(ConfigurationError, match="https://"):
        config.public_url()
    monkeypatch.setenv(config.PUBLIC_VARIABLE, "https://figures.example.org/base/")
    assert config.public_url() == "https://figures.example.org/base"
