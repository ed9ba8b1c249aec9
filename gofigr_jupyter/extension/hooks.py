"""The documented doors of IPython and ipykernel through which figures are seen, and the one guard around all of ours.

In: a shell and three callbacks (a message goes out, with the object that it shows; a cell begins; a cell ends). Every
door is closed again by `close()`, leaving what was there before. What the user sees is never changed here.
"""

from __future__ import annotations

import functools
import logging
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from gofigr_jupyter.extension.areas import SENDER
from gofigr_jupyter.extension.noted import Noted

Send = Callable[[dict[str, Any]], None]

_log = logging.getLogger("gofigr_jupyter")
_told: set[str] = set()


def tell(key: str, line: str) -> None:
    """Say one line to the user, once per key and session; the log has the rest."""
    if key not in _told:
        _told.add(key)
        with suppress(Exception):
            print(f"GoFigr: {line}", file=sys.stderr)


def forget_told() -> None:
    """Begin anew, at load."""
    _told.clear()


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Nothing of ours raises into user code: an exception becomes one line for the user and a traceback in the log."""

    @functools.wraps(function)
    def safe(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - this is the guard
            _log.exception("in %s", function.__qualname__)
            tell(
                f"{function.__qualname__}:{type(error).__name__}",
                f"a figure may not have been saved ({type(error).__name__}: {error}). "
                "Your own results are not affected; %gofigr doctor tells more.",
            )
            return None

    return safe


class Listener(Protocol):
    """Who stands behind the doors."""

    def message_sent(self, message: dict[str, Any], obj: Any, send: Send | None) -> bool:
        """A message is going out that shows `obj`, or None when nobody knows which object.

        With `send`, the listener may send it itself and then answers True.
        """

    def cell_started(self, info: Any) -> None:
        """A cell begins."""

    def cell_finished(self, result: Any) -> None:
        """A cell has ended, all its displays are out."""


class Doors:
    """All that is hung onto one shell, and takes it off again."""

    def __init__(self, shell: Any, listener: Listener) -> None:
        self._shell = shell
        self._listener = listener
        self._noted = Noted()
        self._open = False
        self._own = threading.local()
        self._undo: list[Callable[[], None]] = []

    # -------------------------------------------------------- opening and closing

    def open(self) -> None:
        """Hang everything on; a door that this IPython lacks is left out."""
        self._open = True
        self._replace(self._shell.display_formatter, "format", self._noting)
        if hasattr(self._shell.display_pub, "register_hook"):
            self._replace(self._shell.display_pub, "publish", self._listening)
        self.listen_in_this_thread()
        events = self._shell.events
        for event, callback in (("pre_run_cell", self._cell_started), ("post_run_cell", self._cell_finished)):
            events.register(event, callback)
            self._undo.append(functools.partial(events.unregister, event, callback))

    def close(self) -> None:
        """Take everything off, in reverse order; each step alone may fail without keeping the others."""
        self._open = False
        while self._undo:
            with suppress(Exception):
                self._undo.pop()()

    def listen_in_this_thread(self) -> None:
        """The publisher keeps its hooks per thread; subshells and user threads get ours when they first need it."""
        if getattr(self._own, "listening", False):
            return
        self._own.listening = True
        publisher, display_hook = self._shell.display_pub, self._shell.displayhook
        if hasattr(publisher, "register_hook"):
            publisher.register_hook(self._display_message)
            self._undo.append(functools.partial(publisher.unregister_hook, self._display_message))
        if hasattr(display_hook, "register_hook"):
            display_hook.register_hook(self._result_message)
            self._undo.append(functools.partial(display_hook.unregister_hook, self._result_message))
        elif hasattr(display_hook, "finish_displayhook") and "finish_displayhook" not in vars(display_hook):
            self._wrap_finish(display_hook)

    @contextmanager
    def muted(self) -> Any:
        """Within this block, messages of this thread are our own and pass unseen."""
        self._own.muted = True
        try:
            yield
        finally:
            self._own.muted = False

    def behind(self, data: Any) -> Any:
        """The object that a message's bundle shows, for who takes messages of this thread while it is muted."""
        return self._noted.behind(data)

    @contextmanager
    def showing(self, obj: Any) -> Any:
        """Within this block, messages of this thread show this object; None says nothing of them."""
        if obj is not None:
            self._noted.begins(obj)
        try:
            yield
        finally:
            if obj is not None:
                self._noted.ends(obj, None)

    def _wrap_finish(self, display_hook: Any) -> None:
        """ipykernel before 7 has no hook for results: look at the message just before it is sent."""
        original = display_hook.finish_displayhook

        def finish_displayhook() -> None:
            message = getattr(display_hook, "msg", None)
            if message and message.get("content", {}).get("data"):
                self._result_message(message)
            original()

        display_hook.finish_displayhook = finish_displayhook
        self._undo.append(functools.partial(vars(display_hook).pop, "finish_displayhook", None))

    # -------------------------------------------------------- the doors

    def _replace(self, obj: Any, name: str, made: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Put a function of ours before one of an object's, until the doors close."""
        own = vars(obj).get(name)
        ours = made(getattr(obj, name))
        setattr(obj, name, ours)

        def restore() -> None:
            if vars(obj).get(name) is not ours:
                return  # somebody else stands before ours by now; theirs stays, and ours lets everything pass
            if own is None:
                delattr(obj, name)
            else:
                setattr(obj, name, own)

        self._undo.append(restore)

    def _noting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Every object passes here on its way to the page, whatever draws it, with the arguments of its display."""

        @functools.wraps(original)
        def format(obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: A001 - the name of the original
            if not self._open:
                return original(obj, *args, **kwargs)
            self._noted.begins(obj)
            made: Any = None
            try:
                made = original(obj, *args, **kwargs)
            finally:
                self._noted.ends(obj, made[0] if isinstance(made, tuple) and made else None)
            if made and sys._getframe(1).f_globals.get("__name__") == SENDER:
                self._appended(*made)
            return made

        return format

    def _appended(self, data: Any, metadata: Any) -> None:
        """An output widget shows a bundle by a message of its own kind, with no display of it."""
        content = {"data": data, "metadata": metadata, "transient": {}}
        self._heard({"msg_type": "display_data", "content": content}, None)

    def _listening(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Threads of the user's are heard from their first message on."""

        @functools.wraps(original)
        def publish(*args: Any, **kwargs: Any) -> Any:
            if self._open:
                self._listen_here()
            return original(*args, **kwargs)

        return publish

    @guarded
    def _listen_here(self) -> None:
        self.listen_in_this_thread()

    def _display_message(self, message: dict[str, Any]) -> dict[str, Any] | None:
        if not self._open or getattr(self._own, "muted", False):
            return message
        return None if self._heard(message, self._sender()) else message

    def _result_message(self, message: dict[str, Any]) -> dict[str, Any]:
        if self._open and not getattr(self._own, "muted", False):
            self._heard(message, None)
        return message

    @guarded
    def _heard(self, message: dict[str, Any], send: Send | None) -> bool:
        data = message.get("content", {}).get("data")
        return self._listener.message_sent(message, self._noted.behind(data) if data else None, send)

    def _sender(self) -> Send | None:
        """How the publisher itself would send; None when hooks of others wait behind ours for the message."""
        publisher = self._shell.display_pub
        hooks = getattr(publisher, "_hooks", None)
        if not hooks or hooks[-1] != self._display_message:
            return None
        session, socket, topic = publisher.session, publisher.pub_socket, publisher.topic
        return lambda message: session.send(socket, message, ident=topic)

    @guarded
    def _cell_started(self, info: Any = None, *_: Any, **__: Any) -> None:
        self.listen_in_this_thread()
        self._listener.cell_started(info)

    @guarded
    def _cell_finished(self, result: Any = None, *_: Any, **__: Any) -> None:
        self._noted.forget()
        self._listener.cell_finished(result)
