"""From a notebook's cells to Python that runs by itself: commands become remarks, last expressions are displayed.

In: the source of cells. Out: source. `HEAD` stands at the top of a script: it writes to files what the notebook would
have shown. Code of anybody is parsed here, never run.
"""

from __future__ import annotations

import ast
import re

LONGEST_PARSED = 300_000  # characters; longer code is left as it is
_COMMAND = re.compile(r"(?m)^([ \t]*)([%!?].*|[\w.]+\?\??)$")
_ASSIGNED = re.compile(r"(?m)^([ \t]*)([A-Za-z_]\w*)([ \t]*=[ \t]*[!%].*)$")
_TIMED = re.compile(r"(?m)^([ \t]*)%(?:time|timeit|prun|memit)\s+(?!-)(\S.*)$")
_CELL_COMMAND = re.compile(r"\s*%%(\w+)")
_TRANSPARENT = {"time", "timeit", "capture", "prun", "memit"}  # cell commands around plain Python
_DISPLAY_IMPORT = re.compile(r"(?m)^from IPython\.display import display[ \t]*(?:\n|$)")  # `HEAD` has one
_DISPLAYS = {"show", "display", "print", "publish", "close"}
# Canvases in the page: they show the whole figure, and stay open from cell to cell.
_LIVE = re.compile(r"""\bmatplotlib['"]?,?\s+['"]?(?:widget|ipympl|notebook|nbagg)\b""")
_TRIMMED, _CLOSED = ', bbox_inches="tight"', '        _pyplot.close("all")\n'  # in `HEAD`, as inline pictures are

HEAD = """\
# Stands in for the notebook: what it would have displayed is written beside this script.
from pathlib import Path as _Path

try:
    import matplotlib as _matplotlib

    _matplotlib.use("agg")  # pictures go to files, no window opens
    import matplotlib.pyplot as _pyplot
except ImportError:
    _pyplot = None

_shown = []  # what was displayed, and its file


def _file(one, suffix):
    for other, path in _shown:
        if other is one:
            return path
    number = len(_shown) + 1
    path = _Path(f"figure.{suffix}" if number == 1 else f"figure-{number}.{suffix}")
    _shown.append((one, path))
    return path


def display(*given, **_):
    for one in given:
        if hasattr(one, "savefig") and hasattr(one, "dpi"):
            look = {"facecolor": one.get_facecolor(), "edgecolor": one.get_edgecolor()}
            one.savefig(_file(one, "png"), dpi=SCALE * one.dpi, bbox_inches="tight", **look)
        elif hasattr(one, "write_html"):
            one.write_html(_file(one, "html"))
        elif getattr(one, "_repr_png_", None) and (data := one._repr_png_()):
            _file(one, "png").write_bytes(data[0] if isinstance(data, tuple) else data)
        elif hasattr(one, "save") and hasattr(one, "to_json"):
            one.save(str(_file(one, "html")))
        elif getattr(one, "_repr_svg_", None) and (data := one._repr_svg_()):
            _file(one, "svg").write_text(data, encoding="utf-8")


def _end_of_cell(*_, **__):
    if _pyplot is not None:
        display(*(_pyplot.figure(number) for number in _pyplot.get_fignums()))
        _pyplot.close("all")


if _pyplot is not None:
    _pyplot.show = _end_of_cell
"""
PLOTLY = """
import plotly.basedatatypes as _plotly

_plotly.BaseFigure.show = lambda figure, *_, **__: display(figure)
"""
IPYTHON = """
import IPython.display as _ipython

_ipython.display = display
"""
PUBLISHERS = ("gofigr_jupyter", "gofigr")  # code that publishes its figures is not to do so wherever it is run again
PUBLISHING = """
# Stands in for the package that published the figure: here it is only drawn.
import sys as _sys
import types as _types


class _Quiet(_types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("_") or name in ("savefig", "write_html", "to_json"):  # it is no figure
            raise AttributeError(name)
        return getattr(__import__("pandas"), name) if name.startswith("read_") else _Quiet(name)

    def __call__(self, *given, **_):
        is_passed_on = len(given) == 1 and (callable(given[0]) or isinstance(given[0], str))
        return given[0] if is_passed_on else self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def _publish(figure=None, *_, **__):
    display(_pyplot.gcf() if figure is None else figure)


for _name in ("gofigr_jupyter", "gofigr", "gofigr.jupyter"):
    _sys.modules[_name] = _Quiet(_name)
    _sys.modules[_name].publish = _publish
    _sys.modules[_name].__path__ = []
"""
RULE = "# ---------------------------------------------------------------- the figure's own code"
END = "_end_of_cell()"


def head(source: str, scale: int) -> str:
    """What stands in for the notebook, for code that uses these libraries; `scale` is 2 for a retina picture."""
    text = HEAD.replace("dpi=SCALE * one.dpi", "dpi=one.dpi" if scale == 1 else f"dpi={scale} * one.dpi")
    parts = [text.replace(_TRIMMED, "").replace(_CLOSED, "") if _LIVE.search(source) else text]
    for name, part in (("plotly", PLOTLY), ("IPython", IPYTHON), ("|".join(PUBLISHERS), PUBLISHING)):
        if re.search(rf"(?m)^\s*(import|from)\s+({name})\b", source):
            parts.append(part)
    return "".join(parts)


def as_python(source: str) -> str:
    """A cell's code without what only IPython understands; its last expression is displayed, as a notebook does."""
    source = _DISPLAY_IMPORT.sub("", source)
    command = _CELL_COMMAND.match(source)
    if command is not None:
        first, _, rest = source.lstrip().partition("\n")
        if command[1] not in _TRANSPARENT:
            return "".join(f"# {line}\n" for line in source.strip().splitlines())
        source = f"# {first}\n{rest}"
    if parsed(source) is None:
        source = _TIMED.sub(r"\1\2", source)
    if parsed(source) is None:
        source = _COMMAND.sub(r"\1pass  # \2", _ASSIGNED.sub(r"\1\2 = None  # \3", source))
    return _displayed(source)


def futures(source: str) -> tuple[str, str]:
    """`from __future__` lines, which must come first, and the rest."""
    pattern = re.compile(r"(?m)^from __future__ import [^\n]*(?:\n|$)")
    return "".join(f"{line.rstrip()}\n" for line in pattern.findall(source)), pattern.sub("", source)


def parsed(source: str) -> ast.Module | None:
    """Its tree; None for what is no Python, or too much of it."""
    if len(source) > LONGEST_PARSED:
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _displayed(source: str) -> str:
    tree = parsed(source)
    last = tree.body[-1] if tree is not None and tree.body else None
    if not isinstance(last, ast.Expr) or last.end_lineno is None or last.end_col_offset is None:
        return source
    if isinstance(last.value, ast.Call) and _name(last.value.func) in _DISPLAYS:
        return source
    lines = source.encode().splitlines(keepends=True)  # columns are counted in bytes
    start = sum(map(len, lines[: last.lineno - 1])) + last.col_offset
    end = sum(map(len, lines[: last.end_lineno - 1])) + last.end_col_offset
    raw = b"".join(lines)
    before, inner, after = raw[:start].decode(), raw[start:end].decode(), raw[end:].decode()
    return source if after.lstrip().startswith(";") else f"{before}display({inner}){after}"


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else str(getattr(function, "id", ""))
