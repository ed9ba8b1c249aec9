"""The contract's shapes by example: one JSON file a representation and form, and a check of any answer against them.

In: a name of `golden/` and a decoded body. Out: nothing, or an AssertionError that says where they differ. A file holds
`model`, an example `body`, the paths that `may_be_null`, those that are `free` (any JSON), and `parts`: the fields whose
objects have a file of their own. What is null in the example and may not be, is always null in that form.
"""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gofigr_jupyter.schema.base import Page, Wire, strict_mode

FOLDER = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
KINDS = {
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}(Z|[+-]\d\d:\d\d)"),
    "id": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "digest": re.compile(r"[0-9a-f]{64}"),
}


@dataclass(frozen=True)
class Golden:
    """One representation of the contract, in one form."""

    name: str
    model: type[Wire]
    body: dict[str, Any]
    may_be_null: frozenset[str]
    free: frozenset[str]
    parts: dict[str, str]


@cache
def golden(name: str) -> Golden:
    """The representation of that name."""
    said = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Golden(
        name=name,
        model=_model(said["model"]),
        body=said["body"],
        may_be_null=frozenset(said["may_be_null"]),
        free=frozenset(said["free"]),
        parts=said["parts"],
    )


def assert_shape(name: str, body: Any, *, without: frozenset[str] = frozenset()) -> None:
    """Hold an answer against a golden file: the same keys at every depth, null where it may be, values of the same kind.

    `without` are top-level keys that this answer lacks on purpose, as those of older API versions do.
    """
    wanted = golden(name)
    example = {key: value for key, value in wanted.body.items() if key not in without}
    problems = list(_differences(wanted, example, body, ""))
    assert not problems, f"not the shape of {name}: " + "; ".join(problems)
    with strict_mode():
        wanted.model.model_validate(body)


def assert_shapes(name: str, bodies: Any, *, at_least: int = 1) -> None:
    """As `assert_shape`, for a bare list; an empty one proves nothing and fails."""
    assert isinstance(bodies, list), f"a list of {name} was wanted, not {bodies!r}"
    assert len(bodies) >= at_least, f"at least {at_least} x {name} wanted, {len(bodies)} came"
    for body in bodies:
        assert_shape(name, body)


def _differences(rules: Golden, example: Any, body: Any, path: str) -> Any:
    """What is not as in the example, in words; `path` as in the rules, `a.b[].c`."""
    if path in rules.free:
        return
    if body is None or example is None:
        if path not in rules.may_be_null and (body is None) != (example is None):
            yield f"{path} is {body!r}, not {'null' if example is None else example!r}"
        return
    if path in rules.parts:
        part = golden(rules.parts[path])
        for one in body if isinstance(example, list) else [body]:
            yield from (f"{path}.{problem}" for problem in _differences(part, part.body, one, ""))
    elif isinstance(example, dict):
        yield from _differing_keys(rules, example, body, path)
    elif isinstance(example, list):
        if not isinstance(body, list):
            yield f"{path} is no list"
        elif example:
            for one in body:
                yield from _differences(rules, example[0], one, f"{path}[]")
    elif (kind := _kind(example)) != (found := _kind(body)):
        yield f"{path} is {found} ({body!r}), not {kind}"


def _differing_keys(rules: Golden, example: dict[str, Any], body: Any, path: str) -> Any:
    if not isinstance(body, dict):
        yield f"{path or 'the answer'} is no object"
        return
    dot = f"{path}." if path else ""
    yield from (f"{dot}{key} is missing" for key in sorted(example.keys() - body.keys()))
    yield from (f"{dot}{key} is not in the contract" for key in sorted(body.keys() - example.keys()))
    for key in example.keys() & body.keys():
        yield from _differences(rules, example[key], body[key], dot + key)


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return next((kind for kind, pattern in KINDS.items() if pattern.fullmatch(value)), "a text")
    return type(value).__name__


def _model(name: str) -> type[Wire]:
    """`figures.Figure`, or `base.Page[figures.Figure]`."""
    if inner := re.fullmatch(r"base\.Page\[(.+)\]", name):
        page: type[Wire] = Page.__class_getitem__(_model(inner[1]))  # type: ignore[assignment]
        return page
    module, _, model = name.partition(".")
    found: type[Wire] = getattr(importlib.import_module(f"gofigr_jupyter.schema.{module}"), model)
    return found
