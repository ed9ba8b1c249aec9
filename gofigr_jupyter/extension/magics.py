"""`%gofigr`: what people ask of the extension in a notebook, in a word.

In: a line. Out: printed text, or a changed setting. Each verb is one function; `%gofigr` alone is `status`.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.extension.consent import send_inputs
from gofigr_jupyter.outbox.errands import errands
from gofigr_jupyter.spawn import alive, ensure_worker

if TYPE_CHECKING:
    from gofigr_jupyter.extension.loading import Loaded

_PUSH_SECONDS = 60.0


@magics_class
class GoFigrMagics(Magics):
    """Holds the one magic `%gofigr`."""

    def __init__(self, shell: Any, loaded: Loaded) -> None:
        super().__init__(shell)
        self._loaded = loaded

    @line_magic
    def gofigr(self, line: str) -> None:
        """%gofigr [status | on | off | open | push [SECONDS] | inputs [send] | upload FILE... | doctor]

        status   what is published where, and what still waits (the default)
        on, off  publish figures automatically, or only those given to publish()
        open     open this machine's gallery, or the server's, in the browser
        push     wait until everything is on the server
        inputs   the files that this session has read, and which have changed; `inputs send` lets them go
        upload   put files on the CDN; `--folder F` says where
        doctor   look for what is wrong, and say what to do
        """
        words = shlex.split(line) or ["status"]
        verbs: dict[str, Callable[..., None]] = {
            "status": self._status,
            "on": lambda: self._switch(True),
            "off": lambda: self._switch(False),
            "open": self._open,
            "push": self._push,
            "inputs": self._inputs,
            "upload": self._upload,
            "doctor": self._doctor,
        }
        verb = verbs.get(words[0])
        if verb is None:
            print(f"%gofigr {words[0]} is unknown; use one of: {', '.join(verbs)}")
            return
        try:
            verb(*words[1:])
        except (GoFigrError, TypeError, ValueError) as error:
            print(f"GoFigr: {error}")

    def _status(self) -> None:
        settings = self._loaded.session.settings
        where = "this machine (no account needed)" if settings.is_embedded else settings.url
        publisher = self._loaded.session.publisher
        counts = publisher.outbox.counts() if publisher is not None else {}
        waiting = counts.get("new", 0) + counts.get("taken", 0)
        print(f"Figures are {'published automatically' if settings.auto_publish else 'published by publish() only'}")
        print(f"  to         {where}")
        print(f"  workspace  {_place(settings.workspace, 'your primary workspace')}")
        print(f"  analysis   {_place(settings.analysis, self._analysis())}")
        print(f"  outbox     {waiting} on the way, {counts.get('failed', 0)} failed  ({settings.home})")
        print(f"  worker     {'running' if alive(settings.home, 'worker') else 'starts with the next figure'}")

    def _analysis(self) -> str:
        notebook = self._loaded.session.facts.notebook
        return f"named after the notebook ({getattr(notebook, 'name', 'not known yet')})"

    def _switch(self, is_on: bool) -> None:
        self._loaded.config.auto_publish = is_on
        print("Figures are published automatically" if is_on else "Figures are published by publish() only")

    def _open(self) -> None:
        import webbrowser

        from gofigr_jupyter.opening import open_url  # the client, only when asked for

        settings = self._loaded.session.settings
        address = open_url(settings)
        if not webbrowser.open(address):
            print(f"Open {settings.page_url()} (or run: gofigr-jupyter open)")

    def _push(self, seconds: str = "") -> None:
        session = self._loaded.session
        deadline = time.monotonic() + (float(seconds) if seconds else _PUSH_SECONDS)
        if session.publisher is None:
            return
        outbox, home = session.publisher.outbox, session.settings.home
        outbox.retry(None)
        outbox.poke()
        ensure_worker(home)
        while (left := _on_the_way(outbox.counts()) + len(errands(home))) and time.monotonic() < deadline:
            time.sleep(0.1)
        failed = outbox.counts().get("failed", 0)
        print(f"{left} figures or pictures for the CDN still on the way" if left else "Everything is on the server")
        if failed:
            print(f"{failed} could not be published; see: gofigr-jupyter outbox list")

    def _inputs(self, word: str = "") -> None:
        session = self._loaded.session
        if word == "send":
            print(f"What is read goes along from now on, and follows for {send_inputs(session)} figures")
            return
        session.reads.look_for_changes()
        files, unlisted = session.reads.inputs()
        for file in files:
            told = "changed since" if session.reads.is_stale(file) else file.why_not or "goes along"
            print(f"In [{file.cell or ' '}]  {file.path}  ({file.read_by}; {told})")
        if unlisted or not files:
            print(f"and {unlisted} more" if unlisted else "No file was read")

    def _upload(self, *line: str) -> None:
        from gofigr_jupyter.extension.uploading import upload  # the client, only when asked for

        upload(self._loaded.session.settings, line)

    def _doctor(self) -> None:
        from gofigr_jupyter.doctor import examine  # looks at everything, so imports everything

        for finding in examine(self._loaded.session.settings):
            print(f"{'ok ' if finding.ok else '!! '} {finding.what}: {finding.found}")
            if not finding.ok and finding.advice:
                print(f"     {finding.advice}")


def _on_the_way(counts: dict[str, int]) -> int:
    return counts.get("new", 0) + counts.get("taken", 0)


def _place(place: Any, default: str) -> str:
    name = getattr(place, "name", None) or getattr(place, "api_id", None) or place
    return name if isinstance(name, str) and name else default
