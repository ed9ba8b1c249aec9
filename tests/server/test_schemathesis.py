"""schemathesis against a real server that is full of things: what the OpenAPI document says is what is answered.

It is run as anybody would, by its command. Each actor meets a world of their own; the short tier sends a few requests
to every operation, the long tier (GOFIGR_LONG=1) goes through all phases with many.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig
from tests.server.access.world import Place, World, build
from tests.server.conftest import PORT
from tests.server.live import live

COMMAND = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
# A stream has no end, and what a repository answers is no matter of ours; a file on its way has tests of its own.
LEFT_OUT = "/(events|git/check|\\.gofigr/hello|cdn/upload/\\{token\\})$"
FLAGS = ["--exclude-path-regex", LEFT_OUT, "--warnings", "off", "--continue-on-failure"]
CHECKS = {
    "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
    # What no schema can say is a 400: a required name in a draft that changes use too, a cursor, a picture.
    "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "400", "401", "403", "404", "409", "429", "5xx"]},
    # It wants 401 for who shows no credentials, where the contract has 403; `ignored_auth` takes either.
    "missing_required_header": {"enabled": False},
}
KINDS = ("workspace", "organization", "analysis", "figure", "revision", "asset", "asset_revision", "data", "comment")
KINDS += ("reaction", "notification", "story", "task", "ssh_key", "site")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Everybody, with one of everything."""
    return build(tmp_path_factory.mktemp("fuzzing") / "world")


@pytest.fixture(autouse=True)
def _no_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets that a body may name lead nowhere."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


def _bindings(place: Place) -> Iterator[tuple[str, dict[str, Any]]]:
    """Patterns of paths, and which ids of the world are tried there."""
    for kind in KINDS:
        ids = {"path.api_id": kind}
        if f"{kind}_log" in place.ids:
            ids["path.log_id"] = f"{kind}_log"
        if kind == "site":
            ids |= {"path.file_id": "site_file", "path.key_id": "site_key"}
        yield f"/{kind}/\\{{api_id\\}}", ids
    for kind in ("workspace", "organization"):
        yield f"/invitations/{kind}", {f"body.{kind}": kind}
    yield "/(file|view)/", {"path.data_id": "data"}
    yield "/api_key/", {"path.key_id": "key"}
    yield "/user/", {"path.username": "username"}
    yield "/metadata/", {"path.token": "proxy_token"}
    for kind, parent in (
        ("analysis", "workspace"),
        ("figure", "analysis"),
        ("revision", "figure"),
        ("asset", "workspace"),
        ("asset_revision", "asset"),
        ("story", "workspace"),
        ("site", "workspace"),
        ("reaction", "comment"),
    ):
        yield f"/{kind}$", {f"body.{parent}": parent}
    yield "/deep_insight/", {"body.figure_revision": "revision", "query.figure_revision": "revision"}
    yield "/comment$", {"body.target_id": "revision", "query.target_id": "revision"}
    yield "/(upload|ai_usage|story/generate|text_query)$", {"body.workspace": "workspace", "query.workspace": "workspace"}
    yield "/derive$", {"body.figure": "figure"}


def settings(place: Place, examples: int) -> str:
    """The configuration of a run, in its own format."""
    lines = ["color = false", "[output.truncation]", "enabled = false", "[generation]", "deterministic = true"]
    lines += ['database = "none"', "no-shrink = true", f"max-examples = {examples}"]
    lines += ["[parameters]", '"path.version" = "v1.4.1"']
    for name, one in place.ids.items():
        lines += [f"[dictionaries.{name}]", f"values = {json.dumps([one])}"]
    for name, expected in CHECKS.items():
        lines += [f"[checks.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in expected.items())]
    lines += ["[phases.coverage]", 'unexpected-methods = ["DELETE", "PUT", "PATCH", "TRACE"]']
    # What one request says of its body is not so of another's: POST needs a name, PATCH with the same draft does not.
    lines += ["[phases.fuzzing.error-feedback]", "enabled = false"]
    for pattern, names in _bindings(place):
        lines += ["[[operations]]", f"include-path-regex = {json.dumps(pattern)}", "[operations.parameters]"]
        lines += [f'"{name}" = {{ dictionary = "{kind}", probability = 0.8 }}' for name, kind in names.items()]
    return "\n".join(lines) + "\n"


def run(world: World, folder: Path, who: str, phases: str, examples: int) -> None:
    """Run schemathesis as somebody; fails with what it found."""
    with world.copied(folder / "world") as mine:
        pass
    app = create_app(ServerConfig(data_dir=mine.folder, port=PORT))
    config = folder / "schemathesis.toml"
    config.write_text(settings(mine.own, examples))
    credentials = mine.credentials[who]
    header = ["-H", f"Authorization: {credentials}"] if credentials else []
    try:
        with live(app) as url:
            done = subprocess.run(
                [*COMMAND, "--config-file", str(config), "run", f"{url}/openapi.json", "--phases", phases, *header, *FLAGS],
                capture_output=True,
                text=True,
                timeout=3000,
                cwd=folder,
                env={**os.environ, "NO_COLOR": "1", "PYTHONHASHSEED": "0"},
                check=False,
            )
    finally:
        app.state.tasks.close()
        app.state.store.close()
    assert done.returncode == 0, f"{done.stdout[-12000:]}\n{done.stderr[-3000:]}"
    assert " generated" in done.stdout, done.stdout  # it did ask


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("who", "phases"),
    [
        ("owner", "fuzzing"),
        ("anonymous", "examples"),
    ],
)
def test_short(world: World, tmp_path: Path, who: str, phases: str) -> None:
    """A few requests to every operation."""
    run(world, tmp_path, who, phases, 1)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", ["owner", "key_here", "anonymous", "stranger"])
def test_long(world: World, tmp_path: Path, who: str) -> None:
    """Every phase, with many examples."""
    run(world, tmp_path, who, "examples,coverage,fuzzing,stateful", 50)
