"""The table, ready for a README: the machine, what was measured, the targets and whether they were met."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.benchmarks.rows import Row
from tests.benchmarks.variants import GOFIGR, PLAIN, THIS, WANDB, Variant

MARKER = "<!-- benchmarks -->"
_LIBRARIES = ("ipython", "ipykernel", "matplotlib", "plotly", "wandb", "gofigr", "gofigr-jupyter")
_HEADS = {PLAIN: "plain display", THIS: "gofigr_jupyter", GOFIGR: "gofigr", WANDB: "wandb"}


@dataclass
class Run:
    """Everything that the table says."""

    variants: Mapping[str, Variant]
    absent: Mapping[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def note_load(self) -> None:
        """The machine's one-minute load average now: other work on it blurs the numbers."""
        self.loads.append(os.getloadavg()[0])

    def markdown(self) -> str:
        """The table and what must be known to read it."""
        versions = _versions(self.variants)
        heads = {name: _head(name, versions) for name in _HEADS}
        lines = [_line(["", "target", *heads.values(), ""]), _line(["---"] * (len(heads) + 3))]
        for row in self.rows:
            cells = [row.values.get(name, "–") for name in heads]
            met = {True: "met", False: "**missed**", None: ""}[row.met]
            lines.append(_line([row.what, row.target, *cells, met]))
        notes = [
            *self.notes,
            *(f"{_HEADS[name]} could not be measured: {reason}." for name, reason in self.absent.items()),
            *(f"Not measured, for it failed: {what}." for what in self.failed),
            f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine()}; {_said(versions)}.",
            f"Load average while measuring: {min(self.loads):.1f} to {max(self.loads):.1f}.",
        ]
        return "\n".join(lines) + "\n\n" + "\n".join(notes) + "\n"


def machine() -> str:
    """The machine's name for people: processor, cores, memory, system."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = named[0] if named else model
    memory = psutil.virtual_memory().total / 1024**3
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def write(path: Path, text: str) -> None:
    """Put the table between the two markers of a file; the rest of it stays."""
    before, *rest = path.read_text(encoding="utf-8").split(MARKER)
    if len(rest) != 2:
        raise ValueError(f"{path} needs the line {MARKER} twice, around the place of the table")
    path.write_text(f"{before}{MARKER}\n{text}{MARKER}{rest[1]}", encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _head(name: str, versions: Mapping[str, str]) -> str:
    match name:
        case "gofigr":
            return f"gofigr {versions.get('gofigr', '')}, a stub for its server".replace(" ,", ",")
        case "wandb":
            return f"wandb {versions.get('wandb', '')}, offline".replace(" ,", ",")
    return _HEADS[name]


def _said(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {versions[name]}" for name in _LIBRARIES[:4] if name in versions)


def _versions(variants: Mapping[str, Variant]) -> dict[str, str]:
    program = (
        "import importlib.metadata as m, json\n"
        "print(json.dumps({d.metadata['Name'].lower(): d.version for d in m.distributions()}))"
    )
    found: dict[str, str] = {}
    for variant in variants.values():
        done = subprocess.run([str(variant.python), "-c", program], capture_output=True, text=True, check=True)
        found = {name: v for name, v in json.loads(done.stdout).items() if name in _LIBRARIES} | found
    return found
