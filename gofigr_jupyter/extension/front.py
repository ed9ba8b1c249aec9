"""The public verbs: publish, configure, suppress - the same in a notebook and in a plain script.

In: what the author gives. Out: a Publication with the link, at once; the rest takes the one road through the outbox.
"""

from __future__ import annotations

import atexit
import inspect
import sys
import time
import uuid
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gofigr_jupyter.capture.asking import asked
from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.cleanroom.running import run_of
from gofigr_jupyter.errors import CaptureError, ConfigurationError, OutboxError
from gofigr_jupyter.extension import cdn_wishes, current, rooms
from gofigr_jupyter.extension.attachments import attachments_of
from gofigr_jupyter.extension.moment import script_moment, working_dir
from gofigr_jupyter.extension.reads import Reads
from gofigr_jupyter.extension.shown import Fate, Request
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.provenance.collect import Facts, collect
from gofigr_jupyter.publishing import Ids, Publisher, digest_of
from gofigr_jupyter.records import Capture, CdnWish, Missing, Receipt, Ref, State
from gofigr_jupyter.settings import Settings, as_ref
from gofigr_jupyter.spawn import ensure_worker

if TYPE_CHECKING:
    from gofigr_jupyter.client.cdn_asset import CdnAsset

# What the official client's configure() takes and this one has no use for: it works without.
_ACCEPTED = {"annotators", "backends", "widget_class", "save_pickle", "auto_assign", "show_watermark"}
_LOOK_AROUND = 3.0  # seconds that a script may spend, once, on learning its packages and its git commit


@dataclass(frozen=True)
class Publication:
    """A figure on its way: `link` opens it as soon as it is on the server."""

    client_id: str
    link: str
    short_id: str | None
    home: Path
    wish: CdnWish | Missing | None = field(default=None, repr=False, compare=False)
    fate: Fate = field(default_factory=Fate, repr=False, compare=False)
    hurry: Callable[[], None] | None = field(default=None, repr=False, compare=False)

    @property
    def receipt(self) -> Receipt | None:
        """How far it has come; None while it is only saved on this machine."""
        return read_receipt(self.home, self._id)

    @property
    def cdn(self) -> CdnAsset | Missing:
        """Its picture on the CDN, where `publish(..., cdn=True)` asked for it; or why it is not, or not yet, there."""
        return self._on_cdn()[0]

    def wait(self, timeout: float = 60.0) -> Receipt:
        """Wait until it is on the server in all forms; raises OutboxError when that fails or takes over `timeout` s."""
        self._go()
        deadline = time.monotonic() + timeout
        while True:
            receipt = self.receipt
            if receipt is not None and receipt.state is State.COMPLETE:
                return receipt
            if receipt is not None and receipt.state is State.FAILED:
                raise OutboxError(f"{receipt.problem}. {receipt.advice or ''}".strip())
            if time.monotonic() > deadline:
                reason = receipt.problem if receipt is not None and receipt.problem else "it is still on its way"
                raise OutboxError(f"Not published within {timeout:g} s: {reason}. It is kept and will be sent later.")
            time.sleep(0.05)

    def asset(self, timeout: float = 120.0) -> CdnAsset:
        """Its picture on the CDN, where `publish(..., cdn=True)` asked for it; waits at most `timeout` seconds for it.

        In a notebook the figure goes out at once then, as it is now. Raises ConfigurationError without a key, and
        OutboxError when it can never be there, or is not yet.
        """
        if self.wish is None:
            raise ConfigurationError("Nobody asked for it to be on the CDN: publish(fig, cdn=True)")
        if isinstance(self.wish, Missing):
            raise ConfigurationError(self.wish.reason)
        self._go()
        deadline = time.monotonic() + timeout
        while True:
            found, is_final = self._on_cdn()
            if not isinstance(found, Missing):
                return found
            if is_final:
                raise OutboxError(f"The picture is not on the CDN: {found.reason}")
            if time.monotonic() > deadline:
                raise OutboxError(f"Not on the CDN within {timeout:g} s: {found.reason}. It is kept and sent later.")
            time.sleep(0.05)

    @property
    def _id(self) -> str:
        """Of the revision that it became: one that was there before, if nothing has changed."""
        return self.client_id if self.fate.ids is None else self.fate.ids.client_id

    def _go(self) -> None:
        if self.hurry is not None and self.fate.ids is None:
            self.hurry()
        if self.fate.problem:
            raise OutboxError(self.fate.problem)

    def _on_cdn(self) -> tuple[CdnAsset | Missing, bool]:
        """Where it is, or why not; and whether that is the last word."""
        if self.wish is None:
            return Missing("nobody asked for it: publish(fig, cdn=True)"), True
        if self.fate.ids is None:
            return Missing(self.fate.problem or "it goes out when its cell has ended"), bool(self.fate.problem)
        return cdn_wishes.granted(self.home, self._id, self.wish)


def publish(  # noqa: PLR0917 - the official client takes them by position
    fig: Any = None,
    name: str | None = None,
    target: Any = None,
    metadata: Mapping[str, Any] | None = None,
    dataframes: Mapping[str, Any] | None = None,
    files: Sequence[Any] | Mapping[str, Any] | None = None,
    *,
    cdn: bool | str = False,
) -> Publication:
    """Publish one figure now, under a name of your choice, with data and files beside it.

    `fig` is a figure of any library, or anything that shows a picture; by default pyplot's current one. `target` names
    an existing figure (name, id, `FindByName`, `ApiId`). `dataframes` maps names to pandas frames, `files` is a list of
    paths or maps names to paths. In a notebook the figure goes out when the cell ends, once, however often it is shown.
    `cdn` puts its picture on the CDN too, into a folder if it names one; `cdn` of what is returned tells its address as
    soon as it is there, and `asset()` waits for that.
    Raises CaptureError for what is no figure and OutboxError when it cannot be saved.
    """
    figure = _current_figure() if fig is None else fig
    figure, seen = asked(figure)
    reference = as_ref(target) if target is not None else None
    if reference is not None and reference.name is not None:
        name, reference = reference.name, (None if reference.create else reference)
    loaded = current.current()
    settings = _script().settings if loaded is None else loaded.session.settings
    wish = cdn_wishes.wish_of(settings, cdn, name or seen.title or "")
    request = Request(name, reference, dict(metadata or {}), attachments_of(dataframes, files), wish)
    if loaded is None:
        return _script().publish(seen, request)
    session, shown = loaded.session, loaded.session.request(figure, seen, request)
    known = weakref.ref(shown)  # the picture's bytes must not live as long as what is returned

    def hurry() -> None:
        if (one := known()) is not None:
            session.publish_now(one)

    return _publication(shown.ids, settings, request, hurry)


def configure(**settings: Any) -> None:
    """Change the settings of this session: `workspace`, `analysis`, `url`, `api_key`, `auto_publish`, `card`, ...

    Takes what the official client's `configure` takes. Raises ConfigurationError for what cannot work.
    """
    chosen = {name: value for name, value in settings.items() if name not in _ACCEPTED}
    if "watermark" in chosen and not isinstance(chosen["watermark"], bool | str):
        chosen["watermark"] = chosen["watermark"] is not None
    loaded = current.current()
    if loaded is None:
        _script().settings = Settings.load(**chosen)
        return
    before = loaded.session.settings
    loaded.session.settings = Settings.load(home=before.home, **chosen)
    loaded.config.follow(loaded.session.settings)


def _current_figure() -> Any:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not pyplot.get_fignums():
        raise CaptureError("There is no current figure; give one: publish(fig)")
    return pyplot.gcf()


def _publication(ids: Ids, settings: Settings, asked: Request, hurry: Callable[[], None] | None = None) -> Publication:
    return Publication(ids.client_id, ids.link, ids.short_id, settings.home, asked.cdn, asked.fate, hurry)


class _Script:
    """Publishing outside IPython: no cell to wait for, so each figure is saved at once."""

    def __init__(self) -> None:
        self.settings = Settings.load()
        self._id = str(uuid.uuid4())
        self._facts = Facts()
        self._facts.start(working_dir(), {})
        self._publisher: Publisher | None = None
        self.reads = Reads(lambda: self.settings, lambda _: None)  # never opened: a script's own words alone count

    def publish(self, seen: Seen, request: Request) -> Publication:
        """Put one figure into the outbox and see to it that a worker takes it from there."""
        if self._publisher is None or self._publisher.settings is not self.settings:
            try:
                self._publisher = Publisher(self.settings)
            except OSError as error:
                raise OutboxError(f"{self.settings.home} cannot be used: {error}; set GOFIGR_JUPYTER_HOME") from error
            atexit.register(self._publisher.outbox.flush)
        publisher, moment = self._publisher, script_moment(self._id)
        self._facts.wait(_LOOK_AROUND)
        files, unlisted = self.reads.inputs()
        provenance = replace(collect(moment, self._facts), inputs=files, inputs_unlisted=unlisted)
        ids = publisher.mint()
        run = run_of(seen.reference() if seen.reference is not None else None)
        attachments = (*request.attachments, *rooms.attachments_of(run))
        fallback = run.next_name() if run is not None else ""
        name = request.name or seen.title or fallback or f"Untitled {Path(moment.script or 'session').stem}-{_line()}"
        target = publisher.target(request.figure or Ref(name=name), provenance.notebook, script=moment.script)
        capture = Capture(seen.kind, seen.title, seen.displayed, seen.source)
        digest = digest_of(capture, moment.source, request.metadata, attachments)
        latest = publisher.unchanged(target, digest)
        if latest is not None:
            request.fate.ids = Ids(latest.client_id, latest.short_id, latest.link)
            publisher.put_on_cdn(latest, target, request.cdn)
            ensure_worker(self.settings.home)
            return _publication(request.fate.ids, self.settings, request)
        publisher.publish(
            ids,
            target,
            capture,
            provenance,
            digest,
            metadata=request.metadata,
            attachments=attachments,
            working_dir=moment.working_dir,
            cdn=request.cdn,
        )
        request.fate.ids = ids
        ensure_worker(self.settings.home)
        return _publication(ids, self.settings, request)


def _line() -> int:
    """The line of the script that called us: the stable part of an untitled figure's name."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("gofigr_jupyter"):
        frame = frame.f_back
    return frame.f_lineno if frame is not None else 0


_scripts: list[_Script] = []


def _script() -> _Script:
    if not _scripts:
        _scripts.append(_Script())
    return _scripts[0]


def script_reads() -> Reads:
    """What a plain script has read with our readers."""
    return _script().reads
