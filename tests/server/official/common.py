"""What the sessions share: who takes part, a place of their own, pictures, and what must not work."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from gofigr import GoFigr, UnauthorizedError
from PIL import Image

PASSWORD = "correct horse"
PATIENCE = 2.0  # seconds after which a change of rights or sizes must be seen


class World:
    """The server and its people; each signs in when first called by name."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def ada(self) -> GoFigr:
        """The one to whom most things belong."""
        return self.sign_in("ada")

    @cached_property
    def bob(self) -> GoFigr:
        """The one who is let in."""
        return self.sign_in("bob")

    @cached_property
    def cyd(self) -> GoFigr:
        """The one who has nothing to do with it."""
        return self.sign_in("cyd")

    @cached_property
    def nobody(self) -> GoFigr:
        """Without credentials."""
        return GoFigr(url=self.url, anonymous=True)

    def sign_in(self, name: str) -> GoFigr:
        """A person, by password."""
        return GoFigr(username=name, password=PASSWORD, url=self.url)

    def program(self, token: str) -> GoFigr:
        """A program, by API key."""
        return GoFigr(api_key=token, url=self.url)


def run(*steps: Callable[[World], None]) -> None:
    """The steps of a session, one after the other, on the server that the command line names; `ok` at the end."""
    world = World(sys.argv[1])
    for step in steps:
        begun = time.monotonic()
        step(world)
        print(f"{step.__name__}: {time.monotonic() - begun:.1f} s", file=sys.stderr)
    print("ok")


@contextmanager
def refused(kind: type[Exception] = RuntimeError) -> Iterator[None]:
    """What must not work; the client turns each status that it did not expect into a RuntimeError."""
    try:
        yield
    except RecursionError:
        raise  # the client was told again and again to renew its token
    except kind:
        return
    raise AssertionError("that should have been refused")


def forbidden():
    """What must be refused with 403."""
    return refused(UnauthorizedError)


def eventually(true: Callable[[], bool]) -> None:
    """Something that is so, at the latest after the time that clients allow."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.1)


def same(mine, theirs) -> None:
    """Two views of one object that the client takes for equal."""
    assert mine == theirs, f"{mine}\n!=\n{theirs}"


def picture(width: int = 40, height: int = 30, color: str = "teal") -> bytes:
    """A PNG."""
    sink = io.BytesIO()
    Image.new("RGB", (width, height), color).save(sink, "PNG")
    return sink.getvalue()


class Tree:
    """A workspace of somebody's with one of everything in it."""

    def __init__(self, gf: GoFigr, name: str, **fields) -> None:
        self.gf = gf
        self.workspace = gf.Workspace(name=name, description=f"the place of {name}", **fields).create()
        self.analysis = gf.Analysis(name="weather", description="of a year", workspace=self.workspace).create()
        self.figure = gf.Figure(name="rain", description="by month", analysis=self.analysis).create()
        text = gf.TextData(name="note", contents="1234567")
        image = gf.ImageData(name="figure", format="png", data=picture(), is_watermarked=False)
        self.revision = gf.Revision(figure=self.figure, metadata={"station": 7}, data=[text, image]).create()
        self.asset = gf.Asset(name="rain.csv", description="as measured", workspace=self.workspace).create()
        csv = gf.FileData(name="rain.csv", data=b"month,mm\n1,80\n", path="rain.csv")
        self.asset_revision = gf.AssetRevision(asset=self.asset, metadata={"from": "station"}, data=[csv]).create()

    @property
    def content(self):
        """All that lies in the workspace and can be shared."""
        return [self.analysis, self.figure, self.revision, self.asset, self.asset_revision]

    def everything(self):
        """The workspace and all that lies in it."""
        return [self.workspace, *self.content]


def kind_of(gf: GoFigr, thing):
    """The class of an object in somebody's hands."""
    return getattr(gf, type(thing).__name__.removeprefix("GoFigr."))


def handle(gf: GoFigr, thing, **fields):
    """Another object of the same kind in somebody's hands; nothing is asked of the server."""
    return kind_of(gf, thing)(**fields)


def seen_by(gf: GoFigr, thing):
    """The same object, fetched by somebody."""
    return handle(gf, thing, api_id=thing.api_id).fetch()


def can_see(gf: GoFigr, thing) -> bool:
    """Whether somebody may read an object; a 403 is the only other answer there may be."""
    try:
        seen_by(gf, thing)
    except UnauthorizedError:
        return False
    return True
