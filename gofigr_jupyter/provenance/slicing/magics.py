"""IPython's magics, as its input transformer leaves them, turned into plain Python where that means the same.

In: the source of a cell after IPython's transformation. Out: pieces of Python, each with where it stands in the cell;
what is only for the eye or the clock is left out. A magic that is not known stays a call.
"""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

# Nothing that a figure is made of comes of these.
_IDLE = frozenset("""
    who who_ls whos history hist precision pdb debug xmode lsmagic pinfo pinfo2 psource pdoc pfile quickref magic alias
    rehashx colors doctest_mode memit lprun mprun prun timeit gofigr load_ext reload_ext unload_ext autoreload aimport
    pip conda mamba uv ls ll pwd cat head man more less logstart logstop logstate notebook pastebin page html javascript
    js markdown latex svg tb time_it watermark version_information config_gofigr lsmagic automagic gui pylab_off
    configure nbagg code_wrap load save edit recall rerun macro xdel_quiet env_list""".split())  # fmt: skip
_IDLE_COMMANDS = frozenset("""
    pip pip3 conda mamba uv apt apt-get ls cat head tail wc pwd which nvidia-smi git df du free lscpu uname whoami date
    jupyter python python3 less more file tree top ps env printenv hostname""".split())  # fmt: skip
# What loading this extension gives to the session.
OWN_NAMES = (
    "from gofigr_jupyter import ApiId, CheckboxParam, DropdownParam, FindByName, NotebookName, SliderParam, "
    "StaticParam, TextParam, configure, publish, reproducible, suppress"
)
_AS_CODE = frozenset({"time", "capture", "prun", "memit", "mprun", "lprun", "snakeviz", "pyinstrument", "notify"})
_ONLY_MEASURED = frozenset({"timeit"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Python that stands in a cell; `offset` are the lines before it."""

    source: str
    offset: int = 0
    warning: str = ""


def as_python(node: ast.stmt, source: str) -> Piece | None:
    """What a top-level statement of a transformed cell is in plain Python; None when nothing is left of it."""
    call = _magic_call(node)
    if call is None:
        return Piece(source)
    method, texts = call
    if method == "run_cell_magic":
        return _cell_magic(texts, source)
    if method == "run_line_magic" and isinstance(node, ast.Expr):
        return _line_magic(texts[0], texts[1] if len(texts) > 1 else "", source)
    if method in {"system", "getoutput"} and isinstance(node, ast.Expr):
        return _shell(texts[0])
    if method == "getoutput" and isinstance(node, ast.Assign):
        return Piece(f"{_targets(node)} = __import__('subprocess').getoutput({texts[0]!r}).splitlines()", 0, _SHELL)
    if method == "run_line_magic" and texts[0] == "time" and isinstance(node, ast.Assign):
        return Piece(f"{_targets(node)} = {texts[1]}")
    return Piece(source, 0, f"It uses the magic %{texts[0]}, which only IPython knows.")


_SHELL = "It runs a command of the shell."


def _magic_call(node: ast.stmt) -> tuple[str, list[str]] | None:
    """`get_ipython().method('text', ...)`, alone or assigned."""
    value = node.value if isinstance(node, ast.Expr | ast.Assign) else None
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)):
        return None
    owner = value.func.value
    is_shell = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "get_ipython"
    texts = [a.value for a in value.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    known = {"run_line_magic", "run_cell_magic", "system", "getoutput", "magic"}
    return (value.func.attr, texts) if is_shell and value.func.attr in known and texts else None


def _targets(node: ast.Assign) -> str:
    return " = ".join(ast.unparse(target) for target in node.targets)


def _line_magic(name: str, line: str, source: str) -> Piece | None:
    line = line.strip()
    if name in {"load_ext", "reload_ext"} and line in {"gofigr_jupyter", "gofigr"}:
        return Piece(OWN_NAMES)
    if name in _IDLE or name in _ONLY_MEASURED:
        return None
    if name in {"mkdir", "rmdir", "cp", "mv", "rm", "sx", "system"}:
        return _shell(line if name in {"sx", "system"} else f"{name} {line}")
    known = _LINE_MAGICS.get(name)
    if known is None:
        return Piece(source, 0, f"It uses the magic %{name}, which only IPython knows.")
    return known(line, source)


def _time(line: str, _: str) -> Piece | None:
    return Piece(line) if line else None


def _matplotlib(line: str, source: str) -> Piece | None:
    return None if line.split()[-1:] in ([], ["inline"], ["--list"]) else Piece(source)


def _cd(line: str, _: str) -> Piece:
    return Piece(f"__import__('os').chdir(__import__('os').path.expanduser({(line or '~')!r}))")


def _env(line: str, _: str) -> Piece | None:
    key, sign, value = line.partition("=") if "=" in line else line.partition(" ")
    return Piece(f"__import__('os').environ[{key.strip()!r}] = {value.strip()!r}") if sign else None


def _config(line: str, source: str) -> Piece | None:
    return Piece(source) if "InlineBackend" in line and "=" in line else None


def _delete(line: str, _: str) -> Piece | None:
    return Piece(f"del {line}") if line.isidentifier() else None


def _run(line: str, source: str) -> Piece:
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    options, files = [w for w in words if w.startswith("-")], [w for w in words if not w.startswith("-")]
    if len(files) != 1 or options or not files[0].endswith(".py"):
        return Piece(source, 0, "It runs another file with %run.")
    code = f"__import__('runpy').run_path({files[0]!r}, run_name='__main__')"
    return Piece(f"globals().update({code})", 0, f"It runs {files[0]}, whose text is not kept here.")


def _shell(command: str) -> Piece | None:
    words = command.split()
    is_idle = not words or (words[0] in _IDLE_COMMANDS and ">" not in command and words[:2] != ["git", "clone"])
    is_script = words[:1] in (["python"], ["python3"]) and "pip" not in words and "--version" not in words
    if is_idle and not is_script:
        return None
    return Piece(f"__import__('subprocess').run({command!r}, shell=True, check=False)", 0, _SHELL)


def _pylab(_: str, __: str) -> Piece:
    return Piece(
        "import numpy; import matplotlib; from matplotlib import pylab, mlab, pyplot; np = numpy; plt = pyplot; "
        "from matplotlib.pylab import *; from numpy import *"
    )


_LINE_MAGICS = {
    "pylab": _pylab,
    "time": _time,
    "matplotlib": _matplotlib,
    "cd": _cd,
    "env": _env,
    "set_env": _env,
    "run": _run,
    "config": _config,
    "xdel": _delete,
}


def _cell_magic(texts: list[str], source: str) -> Piece | None:
    name, line, body = (*texts, "", "")[:3]
    if name in _AS_CODE:
        return Piece(body, 1)
    if name in _ONLY_MEASURED or name in _IDLE:
        return None
    if name in {"writefile", "file"}:
        path = line.split()[-1] if line.split() else ""
        mode = "a" if "-a" in line.split() else "w"
        return Piece(f"with open({path!r}, {mode!r}, encoding='utf-8') as _file:\n    _file.write({body!r})", 0)
    if name in {"bash", "sh", "script", "system", "sx", "!"}:
        return Piece(f"__import__('subprocess').run({body!r}, shell=True, check=False)", 0, _SHELL)
    return Piece(source, 0, f"It uses the cell magic %%{name}, which only IPython knows.")


def pieces(source: str) -> Iterator[tuple[ast.stmt, str, int, str]]:
    """The top-level statements of a cell: syntax, text, lines before it in the cell, warning. Raises SyntaxError."""
    lines = _lines(source)
    for node in ast.parse(source).body:
        text = segment(lines, node)
        piece = as_python(node, text)
        if piece is None:
            continue
        if piece.source is text:
            yield node, text, 0, piece.warning
            continue
        try:
            inside = ast.parse(piece.source).body
        except SyntaxError:  # magics within a magic
            yield node, text, 0, "It uses magics within magics."
            continue
        own = _lines(piece.source)
        for inner in inside:
            yield inner, segment(own, inner), piece.offset or node.lineno - 1, piece.warning


def _lines(source: str) -> list[bytes]:
    return source.encode("utf-8", "surrogatepass").split(b"\n")  # columns count bytes


def first_line(node: ast.stmt) -> int:
    """Where a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def segment(lines: list[bytes], node: ast.stmt) -> str:
    """A statement's own text, with its decorators."""
    first = first_line(node)
    lines = lines[first - 1 : node.end_lineno]
    start = node.col_offset if first == node.lineno else 0
    if len(lines) == 1:
        lines[0] = lines[0][start : node.end_col_offset]
    elif lines:
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][start:]
    return b"\n".join(lines).decode("utf-8", "surrogatepass")
