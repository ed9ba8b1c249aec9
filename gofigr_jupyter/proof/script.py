"""The code of a figure as a script that runs by itself, and as a notebook of its cells.

In: a record, and where its inputs lie. Out: text; the same record gives the same text.
"""

from __future__ import annotations

import ast
import json
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from gofigr_jupyter.proof import plain_python
from gofigr_jupyter.proof.places import Placed, rewritten
from gofigr_jupyter.proof.recorded import Code, Recorded

KINDS = {"slice": "These are the statements that made it.", "script": "This is the whole script that made it."}
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def script(record: Recorded, places: Sequence[Placed], *, scale: int = 1) -> str:
    """A script that makes the figure and writes it to `figure.png` (or `.html`, `.svg`); `scale` is 2 for retina."""
    code = record.code
    if not isinstance(code, Code):
        return _remarks([about(record), code.reason])
    parts = []
    for cell in code.cells:
        source = plain_python.as_python(rewritten(cell.source, places)).strip("\n")
        title = f"# In [{cell.count}]\n" if cell.count is not None else ""
        parts.append(f"{title}{source}\n{plain_python.END}\n")
    first, source = plain_python.futures("\n\n".join(parts))
    head = plain_python.head(source, scale)
    return "\n".join([_head(record, code, places) + first, head, plain_python.RULE, source])


def notebook(record: Recorded, places: Sequence[Placed]) -> str:
    """A notebook (nbformat 4.5) with one cell for each original one; the same record gives the same bytes."""
    code = record.code
    cells: list[dict[str, Any]] = [_markdown(record, notes(record, places))]
    for number, cell in enumerate(code.cells if isinstance(code, Code) else ()):
        cells.append(
            {
                "cell_type": "code",
                "id": _cell_id(record, number + 1),
                "metadata": {"gofigr": {"execution_count": cell.count}} if cell.count is not None else {},
                "execution_count": None,
                "outputs": [],
                "source": rewritten(cell.source, places).strip("\n").splitlines(keepends=True),
            }
        )
    body = {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def imports(code: Code) -> tuple[str, ...]:
    """The top-level modules that the code imports, in their order."""
    found: dict[str, None] = {}
    for cell in code.cells:
        tree = plain_python.parsed(plain_python.as_python(cell.source))
        if tree is None:
            names = re.findall(r"(?m)^\s*(?:import|from)\s+([A-Za-z_]\w*)", cell.source)
        else:
            names = [name for node in ast.walk(tree) for name in _imported(node)]
        found.update(dict.fromkeys(name.partition(".")[0] for name in names))
    return tuple(name for name in found if name)


# ---------------------------------------------------------------- texts


def about(record: Recorded) -> str:
    """Which figure it is, in a line."""
    told = record.about
    return f"{told.figure}, revision {told.number}, by {told.author or 'unknown'}, {told.created_on[:10]}"


def notes(record: Recorded, places: Sequence[Placed]) -> list[str]:
    """What a reader should know before running it."""
    code = record.code
    lines = list(code.warnings) if isinstance(code, Code) else [code.reason]
    for place in places:
        if place.literal is not None:
            lines.append(f"{place.literal} is read from {place.path} here")
        elif not place.is_found:
            lines.append(f"{place.input.path} was read by a path that the code puts together; a copy is {place.path}")
    if record.masked:
        lines.append(f"{record.masked} secrets were masked (***) before anything was published")
    return [" ".join(line.split()) for line in lines]


def _head(record: Recorded, code: Code, places: Sequence[Placed]) -> str:
    kind = KINDS.get(code.kind, "This is the whole session: no slice was recorded.")
    return _remarks([about(record), record.about.link, kind, *(f"Note: {one}" for one in notes(record, places))])


def _remarks(lines: Iterable[str]) -> str:
    return "".join(f"# {' '.join(line.split())}\n" for line in lines)


def _markdown(record: Recorded, remarks: Iterable[str]) -> dict[str, Any]:
    plain = [re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", line) for line in (record.title, about(record), *remarks)]
    text = [f"# {plain[0]}\n", "\n", f"{plain[1]}\n", "\n", f"<{record.about.link}>\n"]
    text += [line for remark in plain[2:] for line in ("\n", f"- {remark}\n")]
    text[-1] = text[-1].rstrip("\n")
    return {"cell_type": "markdown", "id": _cell_id(record, 0), "metadata": {}, "source": text}


def _cell_id(record: Recorded, number: int) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{record.about.revision} {number}").hex[:12]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
