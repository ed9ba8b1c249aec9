"""Examples out of the docstrings of installed packages: the files are read, not imported.

A docstring's prompts (`>>>`) or its code blocks become a notebook; prose between them begins a new cell.
"""

from __future__ import annotations

import ast
import doctest
import importlib.util
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from tests.galleries.example import Example

_DIRECTIVE = re.compile(r"^(\s*)\.\. (?:code-block:: ?(?:python|ipython)?|bokeh-plot::|plot::|jupyter-execute::)\s*$")
_NO_PROSE = re.compile(r"\s*(?:\.\. [\w-]+::.*|:[\w-]+:.*)?")  # nothing, a directive, or an option of one


def examples(library: str, package: str, cue: str, *, inside: str = "**") -> Iterator[list[Example]]:
    """For each file of a package, the examples in it whose code matches `cue`."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return
    root = Path(next(iter(found.submodule_search_locations)))
    for path in sorted(root.glob(f"{inside}/*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "tests" not in path.parts and re.search(cue, text):
            yield list(_in_file(library, str(path.relative_to(root.parent)), text, cue))


def _in_file(library: str, name: str, text: str, cue: str) -> Iterator[Example]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Module):
            cells = tuple(cells_of(ast.get_docstring(node) or ""))
            if any(re.search(cue, cell) for cell in cells):
                yield Example(library, f"{name}:{getattr(node, 'name', 'module')}", cells)


def cells_of(docstring: str) -> Iterator[str]:
    """The code of a docstring, in cells."""
    prompts = list(_prompts(docstring))
    yield from prompts or _blocks(docstring)


def _prompts(docstring: str) -> Iterator[str]:
    try:
        pieces = doctest.DocTestParser().parse(docstring)
    except ValueError:  # prompts that doctest itself would refuse
        return
    cell = ""
    for piece in pieces:
        if isinstance(piece, doctest.Example):
            cell += re.sub(r"\s*# ?doctest:.*", "", piece.source)
        elif cell and not all(_NO_PROSE.fullmatch(line) for line in piece.splitlines()):
            yield cell
            cell = ""
    if cell:
        yield cell


def _blocks(docstring: str) -> Iterator[str]:
    lines = docstring.splitlines()
    for number, line in enumerate(lines):
        opened = _DIRECTIVE.match(line)
        if opened is None:
            continue
        block = []
        for inner in lines[number + 1 :]:
            if inner.strip() and len(inner) - len(inner.lstrip()) <= len(opened.group(1)):
                break
            block.append(inner)
        code = textwrap.dedent("\n".join(block))
        yield re.sub(r"\A(?:\s*:[\w-]+:.*\n)*", "", code).strip("\n")
