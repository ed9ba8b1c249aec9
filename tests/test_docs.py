"""The README is true: its commands are those that CI runs, and every command, magic, setting and fact is in it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from gofigr_jupyter.cli import sites, users
from gofigr_jupyter.cli.app import app
from gofigr_jupyter.extension.config import TRAITS
from gofigr_jupyter.extension.magics import GoFigrMagics
from gofigr_jupyter.records import Provenance
from gofigr_jupyter.server import config, mail
from gofigr_jupyter.server.insight import settings as insight
from gofigr_jupyter.settings import CARDS, FORMATS, Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(.+?)\n```", README, re.DOTALL)


def test_ci_runs_the_readmes_test_command_to_the_letter() -> None:
    assert COMMANDS[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_first_command_runs_the_demo() -> None:
    assert COMMANDS[0].endswith("gofigr-jupyter demo")
    assert README.index(COMMANDS[0]) < 1500, "a newcomer finds it at once"


@pytest.mark.parametrize("name", sorted(get_command(app).commands))  # type: ignore[attr-defined]
def test_every_command_is_documented(name: str) -> None:
    assert f"`gofigr-jupyter {name}" in README


@pytest.mark.parametrize("name", [str(one.name) for one in users.app.registered_commands])
def test_every_command_for_accounts_is_documented(name: str) -> None:
    assert re.search(rf"^\| `gofigr-jupyter user [^`]*\b{name}\b", README, re.MULTILINE)


@pytest.mark.parametrize("name", [str(one.name) for one in sites.app.registered_commands])
def test_every_command_for_sites_is_documented(name: str) -> None:
    assert f"| `gofigr-jupyter fig1-key {name}" in README


@pytest.mark.parametrize(
    "variable",
    [
        config.DATABASE_VARIABLE,
        config.DIRECT_VARIABLE,
        config.EMBEDDINGS_VARIABLE,
        config.HOSTS_VARIABLE,
        config.PROXIES_VARIABLE,
        config.PUBLIC_VARIABLE,
        config.SECURE_VARIABLE,
        insight.ENGINE_VARIABLE,
        insight.KEY_VARIABLE,
        insight.MODEL_VARIABLE,
        insight.URL_VARIABLE,
        insight.USER_VARIABLE,
        insight.VISION_VARIABLE,
        insight.WORKSPACE_VARIABLE,
        mail.SENDER_VARIABLE,
        mail.SMTP_VARIABLE,
    ],
)
def test_every_variable_of_a_team_server_is_documented(variable: str) -> None:
    assert f"| `{variable}` |" in README


@pytest.mark.parametrize("name", sorted(set(Settings.__dataclass_fields__) - {"home", "config_file"} | set(TRAITS)))
def test_every_setting_is_documented(name: str) -> None:
    assert re.search(rf"^\| .*`{name}`", README, re.MULTILINE)


@pytest.mark.parametrize("word", [*FORMATS, *CARDS])
def test_every_format_and_card_is_documented(word: str) -> None:
    assert re.search(rf"`[^`]*\b{word}\b[^`]*`", README)


@pytest.mark.parametrize("verb", re.findall(r"\b(status|on|off|open|push|upload|doctor)\b(?=[, |\]])", GoFigrMagics.gofigr.__doc__ or ""))
def test_every_magic_is_documented(verb: str) -> None:
    assert re.search(rf"`%gofigr {verb}[^`]*`", README)


@pytest.mark.parametrize("fact", [field.name for field in fields(Provenance)])
def test_every_fact_is_documented(fact: str) -> None:
    assert re.search(rf"^\| {fact} \|", README, re.MULTILINE)


def test_nothing_of_this_machine_is_named() -> None:
    texts = [p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".toml", ".js", ".css", ".html", ".ipynb"}]
    mine = [p for p in texts if ".venv" not in p.parts and "node_modules" not in p.parts]
    found = [str(p) for p in mine if re.search(r"/work/(main|shared|v|team)\b|/\.library|farm-(bench|studio)", p.read_text("utf-8")) and p != Path(__file__)]
    assert found == []
