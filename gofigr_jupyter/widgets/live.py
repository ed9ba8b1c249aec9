"""Makes static HTML in the notebook live: one invisible widget for each kernel, whatever the number of cards.

In: faces (plain JSON) by id, and functions that answer clicks. Out: messages to the pages; nothing of it is saved.
Jupyter's widget libraries are imported in a thread, never on the cell's time. This file must not know what is shown.

Why not a widget for each card: JupyterLab shows "model not found" for a saved widget whose kernel is gone, even when
HTML stands beside it in the same output. HTML that a page with a kernel brings to life always stays readable.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.widgets import quiet

Face = Mapping[str, Any]
Request = dict[str, Any]
Answer = Callable[[Request], Mapping[str, Any]]
_HERE = Path(__file__).parent
_log = logging.getLogger("gofigr_jupyter")


class Pages:
    """All pages on which this kernel's cards are seen. Every method returns at once, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: dict[str, tuple[Face, Answer]] = {}
        self._widget: Any = None
        self._control = quiet.Control()
        self._opening: threading.Thread | None = None
        self.is_heard = False  # whether any page has said a word yet

    def warm(self) -> None:
        """Begin to open the line to the pages, if it is not open: some 0.2 s in a thread."""
        with self._lock:
            if self._is_open or (self._opening is not None and self._opening.is_alive()):
                return
            self._opening = threading.Thread(target=self._open, name="gofigr-pages", daemon=True)
            self._opening.start()

    def ready(self, timeout: float) -> bool:
        """Wait for the line to be open."""
        self.warm()
        if opening := self._opening:
            opening.join(timeout)
        return self._is_open

    def show(self, key: str, face: Face, answer: Answer) -> None:
        """Show a face wherever the HTML with this key stands, now or later; the same face again sends nothing."""
        before = self._shown.get(key)
        self._shown[key] = (face, answer)
        if before is None or before[0] != face:
            self.warm()
            self._send({"faces": {key: face}})

    def tell(self, key: str, news: Face) -> None:
        """News for what shows a face, on every page that shows it; what no page hears is not kept."""
        if key in self._shown:
            self._send({"news": {key: news}})

    def forget(self, key: str) -> None:
        """Answer no longer for this key; its HTML stays."""
        self._shown.pop(key, None)

    def close(self) -> None:
        """Let go of all faces and of the pages."""
        if (opening := self._opening) is not None:
            opening.join(5)
        self._shown.clear()
        widget, self._widget = self._widget, None
        if widget is not None:
            widget.close()
            self._control.restore()

    @property
    def _is_open(self) -> bool:
        return self._widget is not None and self._widget.comm is not None

    def _open(self) -> None:
        try:
            widget = _kind()()
            quiet.quieten(widget.comm)
            self._control.quieten()
            widget.on_msg(self._hear)
            self._widget = widget
            self._introduce()
        except Exception:  # noqa: BLE001 - without widgets the HTML stands, and the figure is published all the same
            _log.exception("the cards stay still: the line to the page could not be opened")

    def _introduce(self) -> None:
        """Everything that a page needs to start, in one message: each of its own could wait behind a long cell."""
        self._send({"module": module(), "faces": {key: face for key, (face, _) in list(self._shown.items())}})

    def _send(self, content: dict[str, Any]) -> None:
        widget = self._widget
        if widget is None or widget.comm is None:
            return  # whoever opens the line introduces all faces
        try:
            widget.send(content)
        except Exception:  # noqa: BLE001 - a page that is gone must not disturb the kernel
            _log.exception("a message to the page was lost")

    def _hear(self, _widget: Any, content: Any, _buffers: Any) -> None:
        self.is_heard = True
        match content:
            case {"ask": "module"}:
                self._introduce()
            case {"ask": str(), "key": str()}:
                self._send({"n": content.get("n"), "heard": True})  # worth waiting: the kernel is at it
                threading.Thread(target=self._reply, args=(content,), name="gofigr-answer", daemon=True).start()

    def _reply(self, content: Request) -> None:
        number, shown = content.get("n"), self._shown.get(content["key"])
        request = {name: value for name, value in content.items() if name not in {"n", "key"}}
        try:
            answer = dict(shown[1](request)) if shown else {"problem": "This figure is from an earlier session"}
        except GoFigrError as error:
            answer = {"problem": str(error)}
        except Exception:  # noqa: BLE001 - a click must always get its answer
            _log.exception("a click in the notebook could not be answered: %s", content.get("ask"))
            answer = {"problem": "Something went wrong; the log has the details"}
        self._send({"n": number, "answer": answer})


PAGES = Pages()


def warm() -> None:
    """Begin to open the line to the pages now, so that the first card is live as soon as it is seen."""
    PAGES.warm()


def close() -> None:
    """Close the line to the pages; every card becomes the HTML that it was made of. The next card opens it again."""
    PAGES.close()


@cache
def module() -> str:
    """The ES module that draws in the pages, its style sheet included; each page gets it once."""
    script = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("card.js", "picture.js"))
    style = (_HERE / "card.css").read_text(encoding="utf-8")
    return f"{script}\nconst STYLE = {json.dumps(style)};\n"


@cache
def _kind() -> type[Any]:
    import anywidget  # noqa: PLC0415 - 0.2 s that no cell must wait for

    class Line(anywidget.AnyWidget):
        """Has no view: its code runs when a page learns of the model."""

        _esm = (_HERE / "loader.js").read_text(encoding="utf-8")

    return Line
