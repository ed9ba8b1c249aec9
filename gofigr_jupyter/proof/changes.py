"""What is not as it was when the figure was made: Python, platform, packages, inputs, code; and what may explain more.

In: the record, what was laid out, what ran. Out: Changes in words. It only tells; whether they matter nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gofigr_jupyter.proof.gathering import Gathered, Origin
from gofigr_jupyter.proof.recorded import Code, Recorded, plain_name
from gofigr_jupyter.proof.runner import Surroundings
from gofigr_jupyter.records import Environment

MOST = 40  # packages that are named
MASK = "***"
_UNSEEDED = (
    (re.compile(r"\bdefault_rng\(\s*\)"), "default_rng() without a seed"),
    (re.compile(r"\brandom\.(rand|normal|uniform|choice|shuffle|sample|permutation|gauss|exponential)\w*\("), "random"),
    (re.compile(r"\b(torch\.rand\w*|tf\.random\.\w+)\("), "random"),
    (re.compile(r"\.sample\((?![^)]*random_state)"), "sample() without random_state"),
)
_SEEDED = re.compile(r"\b(seed|manual_seed|set_seed|RandomState)\(|\brandom_state\s*=|\bdefault_rng\(\s*[^)\s]")
_CLOCK = re.compile(r"\b(datetime\.(now|today|utcnow)|date\.today|time\.(time|perf_counter|strftime)|Timestamp\.now)\(")
_NETWORK = re.compile(r"\b(requests\.|urlopen\(|urllib\.|httpx\.)|https?://")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is another now; `now` is empty for what is no longer there."""

    what: str
    was: str
    now: str

    def __str__(self) -> str:
        """`numpy 2.1 → 2.4`."""
        return f"{self.what} {self.was} → {self.now or 'not installed'}".replace("  ", " ")


@dataclass(frozen=True, slots=True)
class Changes:
    """All that was found. `others` counts packages that changed and of which nothing was imported."""

    python: tuple[Change, ...] = ()
    packages: tuple[Change, ...] = ()
    others: int = 0
    inputs: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    def said(self) -> tuple[str, ...]:
        """In words, the most telling first; hints are not among them."""
        return (*self.inputs, *map(str, self.packages), *map(str, self.python), *self.code)


def changes(
    record: Recorded, gathered: Sequence[Gathered], around: Surroundings, *, is_recorded_python: bool
) -> Changes:
    """Compare what was recorded with what ran."""
    code = record.code if isinstance(record.code, Code) else None
    environment = record.environment if isinstance(record.environment, Environment) else None
    packages, others = _packages(environment, around)
    return Changes(
        python=tuple(_python(environment, around)),
        packages=packages[:MOST],
        others=others + max(0, len(packages) - MOST),
        inputs=tuple(_inputs(gathered)),
        code=tuple(_code(record, code, around, is_recorded_python=is_recorded_python)),
        hints=tuple(hints(code.text)) if code else (),
    )


def hints(text: str) -> Iterator[str]:
    """What in the code may make it draw something else each time."""
    if not _SEEDED.search(text):
        found = next((name for pattern, name in _UNSEEDED if pattern.search(text)), None)
        if found is not None:
            told = "random numbers without a seed" if found == "random" else found
            yield f"it uses {told}: each run draws others"
    if _CLOCK.search(text):
        yield "it asks for the time"
    if _NETWORK.search(text):
        yield "it reads from the network, which may answer otherwise now"


def is_masked(text: str) -> bool:
    """Whether a secret was taken out of the code, which cannot run as it did without it."""
    return bool(re.search(r"""['"][^'"\n]*\*\*\*[^'"\n]*['"]""", text))


def _packages(environment: Environment | None, around: Surroundings) -> tuple[tuple[Change, ...], int]:
    if environment is None or around.packages is None:
        return (), 0
    now = {plain_name(name): version for name, version in around.packages.items()}
    used, found, others = {plain_name(name) for name in around.used}, [], 0
    for package in environment.packages:
        version = now.get(plain_name(package.name), "")
        if version == package.version:
            continue
        if plain_name(package.name) in used:
            found.append(Change(package.name, package.version, version))
        else:
            others += 1
    return tuple(found), others


def _python(environment: Environment | None, around: Surroundings) -> Iterator[Change]:
    if environment is None or not around.python:
        return
    if environment.python != around.python:
        yield Change("Python", environment.python, around.python)
    if environment.platform != around.platform:
        yield Change("platform", environment.platform, around.platform)


_INPUTS: Mapping[Origin, str] = {
    Origin.CHANGED: "{} was changed since, and no copy was kept",
    Origin.UNCHECKED: "{} as it is now; its hash was not recorded",
    Origin.GONE: "{} is gone, and no copy was kept",
}


def _inputs(gathered: Sequence[Gathered]) -> Iterator[str]:
    for one in gathered:
        if one.origin in _INPUTS:
            yield _INPUTS[one.origin].format(one.place.input.name)


def _code(record: Recorded, code: Code | None, around: Surroundings, *, is_recorded_python: bool) -> Iterator[str]:
    if code is not None and is_masked(code.text):
        yield f"secrets in its code were masked ({record.masked or 'some'})"
    if code is not None and code.kind == "history":
        yield "no slice was recorded: all cells of the session were run"
    if not is_recorded_python and around.python:
        yield "run by another Python than the one that made it"
    if around.modules:
        names = ", ".join(path.rpartition("/")[2] for path in around.modules[:5])
        yield f"modules of its own as they are now: {names}"
