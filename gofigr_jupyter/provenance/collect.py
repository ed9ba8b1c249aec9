"""Moment + what is known of its surroundings -> Provenance.

`collect` runs on the kernel's path and only puts together what is at hand; `Facts` reads everything slow in a thread of
its own. Neither knows the shell.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Condition, Thread

from gofigr_jupyter.provenance import environment, git, jupyter_servers, notebook
from gofigr_jupyter.provenance.secrets import mask
from gofigr_jupyter.records import (
    CellFacts,
    Environment,
    GitState,
    HistoryEntry,
    Missing,
    Moment,
    Notebook,
    Provenance,
)

_NOT_YET = Missing("not read yet")
_LONGEST_SCRIPT = 1024 * 1024
_ASK_AGAIN = 30.0  # seconds between questions to Jupyter servers while the name is not known
_HINTS = (
    "JPY_SESSION_NAME", "JPY_PARENT_PID", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "XDG_DATA_HOME", "APPDATA", "HOME",
    "USERPROFILE", "COLAB_JUPYTER_IP", "KMP_TARGET_PORT", "KAGGLE_KERNEL_RUN_TYPE",
)  # fmt: skip


class Facts:
    """What is known about a session's surroundings, kept fresh by a daemon thread; reading it never waits.

    `on_notebook` is called from that thread when the notebook's true name has arrived or changed.
    """

    def __init__(self, on_notebook: Callable[[Notebook], None] | None = None) -> None:
        self._on_notebook = on_notebook
        self._changed = Condition()
        self._thread: Thread | None = None
        self._wanted: tuple[str, Mapping[str, str]] | None = None
        self._is_idle = True
        self._is_stopped = False
        self._git: tuple[str, GitState | Missing, int] = ("", _NOT_YET, 0)
        self._repository = git.Reader()
        self._git_due = 0.0
        self._environment: Environment | Missing = _NOT_YET
        self._fingerprint: environment.Fingerprint = ()
        self._notebook: Notebook | None = None
        self._asked_at = float("-inf")
        self._masked: dict[tuple[int, str], tuple[HistoryEntry, int]] = {}
        self._script: tuple[str, str | Missing, int] | None = None

    # ------------------------------------------------------------ the kernel's side

    def start(self, surroundings: Moment | str | Path, hints: Mapping[str, str] | None = None) -> None:
        """Begin reading; returns at once."""
        self.refresh(surroundings, hints)

    def refresh(self, surroundings: Moment | str | Path, hints: Mapping[str, str] | None = None) -> None:
        """Look again at what may have changed; called before each cell, returns at once."""
        if isinstance(surroundings, Moment):
            wanted = (surroundings.working_dir, surroundings.hints if hints is None else hints)
        else:
            wanted = (str(surroundings), hints or {})
        with self._changed:
            if self._is_stopped:
                return
            self._wanted = wanted
            self._is_idle = False
            if self._thread is None or not self._thread.is_alive():  # a fork leaves the thread behind
                self._thread = Thread(target=self._run, name="gofigr-facts", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait until everything asked for is read, for scripts that have the time; False when it took longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_idle, timeout)

    def stop(self) -> None:
        """End the thread; what was read stays."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    @property
    def environment(self) -> Environment | Missing:
        """The Python and its packages."""
        return self._environment

    @property
    def notebook(self) -> Notebook | None:
        """The notebook's true identity, once known."""
        return self._notebook

    def git(self, working_dir: str) -> tuple[GitState | Missing, int]:
        """The repository's state as last read, and the number of secrets masked in its diff."""
        folder, state, masked = self._git
        return (state, masked) if folder == working_dir else (_NOT_YET, 0)

    # ------------------------------------------------------------ the thread's side

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._wanted is None and not self._is_stopped:
                    self._is_idle = True
                    self._changed.notify_all()
                    self._changed.wait()
                if self._wanted is None or self._is_stopped:
                    self._is_idle = True
                    self._changed.notify_all()
                    return
                working_dir, hints = self._wanted
                self._wanted = None
            for step in (self._read_environment, self._read_notebook, self._read_git):
                try:
                    step(working_dir, hints)
                except Exception as error:  # noqa: BLE001 - one fact must not take the others with it
                    self._note(step.__name__, working_dir, error)

    def _note(self, step: str, working_dir: str, error: Exception) -> None:
        reason = Missing(f"{type(error).__name__}: {mask(str(error))[0][:200]}")
        if step == "_read_git":
            self._git = (working_dir, reason, 0)
        elif step == "_read_environment" and isinstance(self._environment, Missing):
            self._environment = reason

    def _read_git(self, working_dir: str, _: Mapping[str, str]) -> None:
        if self._git[0] == working_dir and time.monotonic() < self._git_due:
            return
        began = time.monotonic()
        self._git = (working_dir, *self._repository.read_counted(working_dir))
        # In a large repository this takes seconds: spend a tenth of one core on it at most.
        self._git_due = time.monotonic() + max(1.0, 9 * (time.monotonic() - began))

    def _read_environment(self, *_: object) -> None:
        seen = environment.fingerprint()
        if seen != self._fingerprint or isinstance(self._environment, Missing):
            self._environment = environment.read()
            self._fingerprint = seen

    def _read_notebook(self, _: str, hints: Mapping[str, str]) -> None:
        hints = surrounding_hints(hints)
        found = notebook.from_hints(hints)
        if found is None and time.monotonic() - self._asked_at >= _ASK_AGAIN:
            found = jupyter_servers.ask(hints)
            self._asked_at = time.monotonic()
        if found is not None and found != self._notebook:
            self._notebook = found
            if self._on_notebook is not None:
                self._on_notebook(found)

    # ------------------------------------------------------------ caches of the kernel's side

    def masked_entry(self, entry: HistoryEntry) -> tuple[HistoryEntry, int]:
        """A cell of the history without its secrets; each is masked once."""
        key = (entry.count, entry.source)
        known = self._masked.get(key)
        if known is None:
            source, count = mask(entry.source)
            known = self._masked[key] = (entry if not count else HistoryEntry(entry.count, source), count)
        return known

    def masked_script(self, path: str) -> tuple[str | Missing, int]:
        """The running script's source as it was when first asked for."""
        if self._script is None or self._script[0] != path:
            try:
                with Path(path).open(encoding="utf-8", errors="replace") as stream:
                    text = stream.read(_LONGEST_SCRIPT)
                self._script = (path, *mask(text))
            except OSError as error:
                self._script = (path, Missing(f"the script could not be read: {error.strerror}"), 0)
        return self._script[1:]


def surrounding_hints(hints: Mapping[str, str]) -> dict[str, str]:
    """The given hints, and those of the environment that nobody gave."""
    return {name: os.environ[name] for name in _HINTS if os.environ.get(name)} | dict(hints)


def collect(moment: Moment, facts: Facts) -> Provenance:
    """Put together what is known at this moment; waits for nothing, some 0.1 ms for an ordinary cell."""
    git_state, masked = facts.git(moment.working_dir)
    cell: CellFacts | Missing = Missing("no cell was running")
    script: str | Missing = Missing("not a script")
    if moment.script is not None:
        script, count = facts.masked_script(moment.script)
        masked += count
    elif moment.source:
        source, count = mask(moment.source)
        cell = CellFacts(source, moment.cell_id, moment.execution_count)
        masked += count
    history = []
    for entry in moment.history:
        clean, count = facts.masked_entry(entry)
        history.append(clean)
        if entry.source != moment.source:  # the cell itself is the history's last: its secrets count once
            masked += count
    return Provenance(
        cell=cell,
        history=tuple(history),
        environment=facts.environment,
        git=git_state,
        notebook=_notebook(moment, facts),
        script=script,
        masked=masked,
        run=moment.run,
    )


def _notebook(moment: Moment, facts: Facts) -> Notebook | Missing:
    if moment.script is not None:
        return notebook.of_script(moment.script)
    hints = surrounding_hints(moment.hints)
    return (
        notebook.from_hints(hints, moment.cell_id) or facts.notebook or notebook.last_resort(hints, moment.session_id)
    )
