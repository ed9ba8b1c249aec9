"""Readers that are wrapped stay what they were to everybody: pickle, inspect, tracebacks, warnings, imports, and the end."""

from __future__ import annotations

import importlib
import inspect
import pickle
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gofigr_jupyter.extension.reads_libraries import Given, Reader, _first, _in_query
from gofigr_jupyter.extension.reads_native import Doors

INNER = '''
import sys, warnings

def read(source, *, how="r"):
    """Reads."""
    warnings.warn("old", DeprecationWarning, stacklevel=2)
    if source == "bad":
        raise ValueError("bad source")
    return source, how

def looks(query):
    """Finds a variable of its caller's by its frame."""
    frame = sys._getframe(1)
    return {**frame.f_globals, **frame.f_locals}[query]

class File:
    """A file."""
    def __init__(self, name, mode="r"):
        self.name = name
'''
READERS = (
    Reader("frail", ("read", "absent"), ("source",), _first),
    Reader("frail", ("looks",), ("query",), lambda given: iter([(given["query"], False)]), looks_around=True),
    Reader("frail", ("File.__init__",), ("self", "path"), _first),
)


@pytest.fixture
def heard() -> list[tuple[Any, ...]]:
    return []


@pytest.fixture
def doors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: list[tuple[Any, ...]]) -> Iterator[Doors]:
    """Doors for a package `frail` that nobody has imported yet."""
    (tmp_path / "frail").mkdir()
    (tmp_path / "frail" / "inner.py").write_text(INNER)
    (tmp_path / "frail" / "__init__.py").write_text("from frail.inner import File, looks, read\n")
    (tmp_path / "frailer.py").write_text("import frail.nothing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    doors = Doors(lambda path, said, writes: heard.append((path, said, writes)), READERS)
    doors.open()
    yield doors
    doors.close()
    for name in [name for name in sys.modules if name.partition(".")[0] in {"frail", "frailer"}]:
        del sys.modules[name]


def imported() -> ModuleType:
    return importlib.import_module("frail")


@pytest.mark.usefixtures("doors")
def test_calls_are_heard_and_answered(heard: list[tuple[Any, ...]]) -> None:
    frail = imported()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert frail.read("a.csv", how="x") == ("a.csv", "x")
        assert frail.read(source="b.csv") == ("b.csv", "r")
    assert frail.File("c.csv").name == "c.csv"
    assert heard == [("a.csv", "frail.read", False), ("b.csv", "frail.read", False), ("c.csv", "frail.File", False)]


@pytest.mark.usefixtures("doors")
def test_it_is_what_it_was() -> None:
    frail = imported()
    assert frail.read is frail.inner.read
    assert pickle.loads(pickle.dumps(frail.read)) is frail.read  # noqa: S301 - our own
    assert frail.read.__name__ == frail.read.__qualname__ == "read"
    assert frail.read.__module__ == "frail.inner"
    assert str(inspect.signature(frail.read)) == "(source, *, how='r')"
    assert inspect.getsource(frail.read).startswith("def read(source")
    assert inspect.getdoc(frail.read) == "Reads."
    assert (
        type(frail.__spec__.loader).__module__ == frail.__loader__.__class__.__module__ == "_frozen_importlib_external"
    )


@pytest.mark.usefixtures("doors")
def test_errors_and_warnings_show_nothing_of_us() -> None:
    frail = imported()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            frail.read("bad")
        except ValueError:
            shown = traceback.format_exc()
        try:
            frail.looks("nowhere to be found")
        except KeyError:
            shown += traceback.format_exc()
    assert [Path(one.filename) for one in seen] == [Path(__file__)]
    assert "gofigr" not in shown.replace(str(Path(__file__).parents[2]), "")
    assert "bootstrap" not in shown
    assert "<call>" not in shown
    assert shown.count('File "') == 4  # twice: this file, and the library's


def test_variables_of_the_caller_are_found(doors: Doors, heard: list[tuple[Any, ...]]) -> None:
    frail = imported()
    near = 7
    assert frail.looks("near") == near
    assert frail.looks("READERS") is READERS
    assert heard[0] == ("near", "frail.looks", False)


def test_closing_restores_every_name(doors: Doors, heard: list[tuple[Any, ...]]) -> None:
    frail = imported()
    mine = {"read": frail.read, "other": 1}
    wrapped = frail.read
    doors.close(mine)
    assert frail.read is frail.inner.read is mine["read"] is wrapped.__wrapped__
    assert not hasattr(frail.File.__init__, "__wrapped__")
    assert doors not in sys.meta_path
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert wrapped("a.csv") == ("a.csv", "r")  # whoever kept it can go on
    assert heard == []


def test_what_somebody_else_put_there_stays(doors: Doors) -> None:
    frail = imported()
    frail.read = theirs = lambda source: source
    doors.close()
    assert frail.read is theirs


@pytest.mark.usefixtures("doors")
def test_an_import_that_fails_looks_as_ever() -> None:
    with pytest.raises(ModuleNotFoundError) as failed:
        importlib.import_module("frailer")
    shown = "".join(traceback.format_exception(failed.value))
    assert "gofigr_jupyter/extension" not in shown


def test_an_error_of_ours_is_none_of_the_callers(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(doors, "_told", fails)
    assert imported().File("a").name == "a"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"query": "select * from 'a.csv'"}, [("a.csv", False)]),
        ({"query": "from \"a.csv\" where x = 'b.csv'"}, [("a.csv", False)]),
        ({"query": "copy (from 'a.csv') to 'new.parquet'"}, [("a.csv", False), ("new.parquet", True)]),
        ({"query": "from read_csv('*.csv')"}, [("*.csv", False)]),
        ({"query": "from 'https://example.org/a.csv'"}, [("https://example.org/a.csv", False)]),
        ({"query": "from read_csv(?)", "parameters": ["a.csv", 7]}, [("a.csv", False)]),
        ({"query": "from read_csv($path)", "parameters": {"path": "a.csv"}}, [("a.csv", False)]),
        ({"query": "select 'text', 'it''s', 1"}, []),
        ({"query": 7}, []),
    ],
)
def test_files_in_queries(given: Given, found: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("x")
    assert list(_in_query(given)) == found
