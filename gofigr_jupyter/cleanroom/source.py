"""A function as text that can stand alone: its body, without decorators and signature, and back to a function.

In: a live function. Out: a Source. What is stored is what is run: the function that runs in a clean room is always
compiled from this text, the first time as well.
"""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from gofigr_jupyter.errors import CleanRoomError


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a function's body; `filename`, `first_line` and `margin` let tracebacks point to where it stood."""

    name: str
    body: str
    parameters: tuple[str, ...]
    filename: str = ""
    first_line: int = 1
    margin: int = 0

    def code(self) -> CodeType:
        """The compiled function; raises CleanRoomError when the text is no body of a function."""
        filename = self.filename or self._remembered()
        try:
            body = ast.parse(self.body, filename).body or [ast.Pass(lineno=1, col_offset=0)]
            module = ast.parse(f"def _({', '.join(self.parameters)}): ...", filename)
            function = module.body[0]
            if not isinstance(function, ast.FunctionDef):
                raise CleanRoomError(f"{self.name} is no function")
            function.name, function.body = self.name, body
            for statement in body:
                _move(statement, self.first_line - 1, self.margin)
            compiled = compile(module, filename, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise CleanRoomError(f"The source of {self.name}() cannot be compiled: {error}") from error
        return next(one for one in compiled.co_consts if isinstance(one, CodeType))

    def function(self, namespace: dict[str, Any]) -> Callable[..., Any]:
        """The function, with nothing around it but the namespace."""
        return FunctionType(self.code(), namespace, self.name)

    def _remembered(self) -> str:
        """A name under which tracebacks find a text that is in no file."""
        filename = f"<clean room {self.name} {hash(self.body) & 0xFFFFFFFF:08x}>"
        linecache.cache[filename] = (len(self.body), None, self.body.splitlines(keepends=True), filename)
        return filename


def source_of(function: Callable[..., Any]) -> Source:
    """The text of a live function. Raises CleanRoomError where there is none, or it cannot run in a clean room."""
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        kind = "a coroutine" if inspect.iscoroutinefunction(function) else "a generator"
        raise CleanRoomError(f"{function.__name__}() is {kind}; only plain functions can run in a clean room")
    try:
        lines, number = inspect.getsourcelines(function)
        filename = inspect.getsourcefile(function) or ""
    except (OSError, TypeError) as error:
        raise CleanRoomError(f"the source of {_name(function)}() cannot be read ({error})") from error
    text = "".join(lines)
    # An indented function is parsed inside a block: taking the indentation away would change texts of several lines.
    shift = 1 if text[:1].isspace() else 0
    try:
        tree = ast.parse("if True:\n" + text if shift else text)
    except SyntaxError as error:
        raise CleanRoomError(f"the source of {_name(function)}() cannot be read ({error.msg})") from error
    found = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)), None)
    if found is None:
        raise CleanRoomError(f"{_name(function)} is not written as a function of its own")
    body, first, margin = _body(text.splitlines(keepends=True), found, shift)
    parameters = tuple(inspect.signature(function).parameters)
    return Source(found.name, body, parameters, filename, number + first, margin)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", repr(function))


def _body(lines: list[str], node: ast.FunctionDef, shift: int) -> tuple[str, int, int]:
    """The text of the body, the line of the function at which it begins (from 0), and how far it was indented."""
    start, end = node.body[0], node.body[-1]
    first, last = start.lineno - 1 - shift, (end.end_lineno or end.lineno) - shift
    opening = lines[first].encode()[: start.col_offset]
    if opening.strip():  # `def f(x): return x`: the body follows on the line of the signature
        return "".join([lines[first].encode()[start.col_offset :].decode(), *lines[first + 1 : last]]), first, 0
    signature_end = max([node.lineno, *(_last_line(part) for part in ast.iter_child_nodes(node.args))]) - 1 - shift
    while first - 1 > signature_end and (not lines[first - 1].strip() or lines[first - 1].lstrip().startswith("#")):
        first -= 1  # comments above the first statement belong to the body
    margin, inside = opening.decode(), _inside_texts(node, shift)
    kept = [line if at in inside else _dedented(line, margin) for at, line in enumerate(lines)][first:last]
    return "".join(kept), first, len(margin)


def _last_line(part: ast.AST) -> int:
    return getattr(part, "end_lineno", None) or 0


def _inside_texts(node: ast.AST, shift: int) -> set[int]:
    """The lines that begin inside a text of several lines: their blanks are part of it."""
    texts = [one for one in ast.walk(node) if isinstance(one, ast.Constant | ast.JoinedStr)]
    return {at for one in texts for at in range(one.lineno - shift, (one.end_lineno or one.lineno) - shift)}


def _dedented(line: str, margin: str) -> str:
    return line[len(margin) :] if line.startswith(margin) else line.lstrip(" \t")


def _move(statement: ast.stmt, lines: int, columns: int) -> None:
    """To the place in its file where the statement stood."""
    ast.increment_lineno(statement, lines)
    for node in ast.walk(statement):
        if isinstance(node, ast.expr | ast.stmt):
            node.col_offset += columns
            node.end_col_offset = (node.end_col_offset or 0) + columns
