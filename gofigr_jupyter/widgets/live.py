"""A widget in the notebook, without weight: pages ask for its code once, clicks are answered beside the cell.

In: the widget's face (plain JSON) and a function that answers its reader's clicks. Out: an ipywidgets model.
Jupyter's widget libraries are imported at the first widget. This file must not know what the widgets show.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import GoFigrError

Request = dict[str, Any]
Answer = Callable[[Request], Mapping[str, Any]]
_HERE = Path(__file__).parent
_log = logging.getLogger("gofigr_jupyter")
_first = threading.Lock()


@cache
def module(name: str) -> tuple[str, str]:
    """The source of a widget's ES module, its style sheet included, and the hash that pages keep it by."""
    script = (_HERE / f"{name}.js").read_text(encoding="utf-8")
    style = (_HERE / f"{name}.css").read_text(encoding="utf-8")
    text = f"{script}\nconst STYLE = {json.dumps(style)};\n"
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def _kind() -> type[Any]:
    import anywidget  # noqa: PLC0415 - 0.2 s that loading the extension must not take
    from traitlets import Dict, Unicode  # noqa: PLC0415

    class Live(anywidget.AnyWidget):
        """Every trait stands on the class: anywidget would otherwise make one more class for each widget."""

        _esm = Unicode((_HERE / "loader.js").read_text(encoding="utf-8")).tag(sync=True)
        _anywidget_id = Unicode("gofigr_jupyter").tag(sync=True)
        code = Unicode().tag(sync=True)
        face = Dict().tag(sync=True)

        def add_traits(self, **traits: Any) -> None:
            missing = {name: trait for name, trait in traits.items() if not self.has_trait(name)}
            if missing:
                super().add_traits(**missing)

    return Live


_layouts: list[Any] = []


def _layout() -> Any:
    """One layout model for all widgets: by itself it would weigh more in the notebook than a card."""
    if not _layouts or _layouts[0].comm is None:  # none yet, or closed by Widget.close_all()
        from ipywidgets import Layout  # noqa: PLC0415

        _layouts[:] = [Layout()]
    return _layouts[0]


def warm() -> None:
    """Import the widget libraries, some 0.2 s; for a background thread, so that the first card is quick too."""
    with _first:
        _kind()


class LiveWidget:
    """One widget on the page. `answer` runs in a thread of its own, whatever the kernel is doing."""

    def __init__(self, name: str, face: Mapping[str, Any], answer: Answer) -> None:
        with _first:
            kind, layout = _kind(), _layout()
        text, code = module(name)
        self._text = text
        self._answer = answer
        self._widget = kind(layout=layout, code=code, face=dict(face))
        comm = self._widget.comm
        if hasattr(comm, "_reply_subshell_for"):
            # ipykernel 7.4 sends a page's messages to the loop that wrote to the page last: to the busy one.
            # Without this they go where the page addressed them: to a subshell that is free.
            comm._reply_subshell_for = None
        self._widget.on_msg(self._hear)

    @property
    def model_id(self) -> str:
        """What a widget-view MIME entry points at."""
        return str(self._widget.model_id)

    @property
    def is_open(self) -> bool:
        """Whether pages can still reach it."""
        return self._widget.comm is not None

    def show(self, face: Mapping[str, Any]) -> None:
        """Change what the reader sees; nothing is sent when it is what they see already."""
        if self.is_open and self._widget.face != face:
            self._widget.face = dict(face)

    def close(self) -> None:
        """Free it in kernel and page; what it was displayed in goes blank."""
        self._widget.close()

    def _hear(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or not isinstance(content.get("ask"), str):
            return
        if content["ask"] == "module":
            self._widget.send({"module": self._text})
            return
        threading.Thread(target=self._reply, args=(content,), name="gofigr-answer", daemon=True).start()

    def _reply(self, content: Request) -> None:
        number = content.pop("n", None)
        try:
            answer = dict(self._answer(content))
        except GoFigrError as error:
            answer = {"problem": str(error)}
        except Exception:  # noqa: BLE001 - a click must always get its answer
            _log.exception("a click in the notebook could not be answered: %s", content.get("ask"))
            answer = {"problem": "Something went wrong; the log has the details"}
        if self.is_open:
            self._widget.send({"n": number, "answer": answer})
