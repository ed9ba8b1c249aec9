"""Live figures to bytes: pickled in C where that will do, by cloudpickle where something lives in this session only.

In: a dict of what to keep, and how some types are to be reduced. Out: a pickle of bounded size, or a `Source` of
it. This file must not know any plotting library.
"""

from __future__ import annotations

import copyreg
import gc
import importlib
import io
import pickle
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.records import Missing, Source

MAX_SOURCE_BYTES = 100_000_000

Reducers = Mapping[type, Callable[[Any], Any]]


def pickled_source(content: Callable[[], dict[str, Any]], reducers: Reducers) -> Source | Missing:
    """A pickle of what `content` gives, as a source for this very Python, or why there is none. Never raises."""
    try:
        data = pickled(content(), reducers)
    except Exception as error:  # noqa: BLE001 -- whatever hangs on a figure may refuse in its own way
        return Missing(f"the figure cannot be pickled ({in_short(error)})")
    return Source("pickle", data, python=sys.executable or "", path=tuple(map(str, sys.path)))


def pickled(content: dict[str, Any], reducers: Reducers) -> bytes:
    """One pickle; OverflowError when it grows past `MAX_SOURCE_BYTES`."""
    with warnings.catch_warnings(), _no_collection():
        warnings.simplefilter("ignore")
        try:
            data = _dumped(pickle.Pickler, content, reducers)
        except OverflowError:
            raise
        except Exception:  # noqa: BLE001 -- lambdas, local classes: cloudpickle's field
            data = b"__main__"
        if b"__main__" not in data:  # plain pickle writes classes of the notebook as mere names
            return data
        return _dumped(importlib.import_module("cloudpickle").Pickler, content, reducers)


def in_short(error: BaseException) -> str:
    """An error in one line, for a reason."""
    return one_line(f"{type(error).__name__}: {error}".rstrip(": "), 160) or "unknown"


class Bounded(io.BytesIO):
    """Stops a pickle that drags a session along, or an endless SVG, before it costs time and memory."""

    def write(self, data: Any) -> int:
        """Write, or raise OverflowError."""
        written = super().write(data)
        if self.tell() > MAX_SOURCE_BYTES:
            raise OverflowError(f"more than {MAX_SOURCE_BYTES // 1_000_000} MB")
        return written


@contextmanager
def _no_collection() -> Iterator[None]:
    """Put off garbage collection: pickling allocates much, and would pay for the cycles of all earlier figures."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _dumped(pickler: Any, content: dict[str, Any], reducers: Reducers) -> bytes:
    stream = Bounded()
    known = getattr(pickler, "dispatch_table", None)
    # a table, since a reducer_override is asked about every object and doubles the time
    table = {**(known if isinstance(known, Mapping) else copyreg.dispatch_table), **reducers}
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        table[numpy.ndarray] = _reduced_array
    if isinstance(known, Mapping):  # it looks for the table of its class while it is made, and never again
        pickler = type("Pickler", (pickler,), {"dispatch_table": table})
    writer = pickler(stream, protocol=5)
    if not isinstance(known, Mapping):
        writer.dispatch_table = table
    writer.dump(content)
    return stream.getvalue()


def _reduced_array(array: Any) -> Any:
    """Small arrays by a shorter road than numpy's: a grid of axes holds thousands of 3 x 3 matrices."""
    if array.size > 64 or array.dtype.kind not in "biuf" or not array.flags.c_contiguous:
        return array.__reduce_ex__(5)
    return type(array), (array.shape, array.dtype, bytearray(array.tobytes()))
