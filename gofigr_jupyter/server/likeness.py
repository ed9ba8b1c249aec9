"""Which revisions does this picture show? By QR code, by the link in the file, by its bytes, by its looks.

In: a stranger's picture, and what the asker may see. Out: revisions with their distance, the nearest first. Pictures
are decoded in a child process; here numbers are compared.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

from gofigr_jupyter.capture.look import Look, unpacked
from gofigr_jupyter.embedding.files import marks_of
from gofigr_jupyter.embedding.mark import revision_named
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.child import LENGTH, Frame, Unreadable, frames
from gofigr_jupyter.server.store import looks, pictures, search, tree
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import ABOVE_REVISION
from gofigr_jupyter.server.store.looks import Known
from gofigr_jupyter.server.store.pictures import Picture
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Revision
from gofigr_jupyter.server.thumbnails import MOST_BYTES

log = logging.getLogger(__name__)
CHILD = "gofigr_jupyter.server.sight"
SECONDS = 30.0
FAR = 80  # of 256 bits; what differs more does not look alike
NEAREST = 24  # pictures that are compared closely with each part
LEAST = 0.8  # likeness; 0.945 is that of the same figure, however it was scaled or compressed
CLEAR = 0.985  # likeness at which no other part need be looked at
AT_A_TIME = 32  # pictures that one child looks at
MOST_AT_A_TIME = 128 << 20  # bytes of them, but for the last
AT_ONCE = 32  # pictures that somebody who searches waits for
_at_once = threading.BoundedSemaphore(2)  # a child may take a gigabyte


@dataclass(frozen=True)
class Sight:
    """What the child saw: the texts of QR codes, and the looks of the picture and of its parts, the whole first."""

    codes: Sequence[str] = ()
    looks: Sequence[Look] = ()


@dataclass(frozen=True)
class Sought:
    """The picture that somebody has in hand."""

    content: bytes
    sight: Sight = field(default_factory=Sight)


@dataclass(frozen=True)
class Near:
    """A revision with the picture of it that is near."""

    row: Revision
    picture: Picture | None
    distance: float


def seen(content: bytes) -> Sought:
    """A picture of anybody's with what is in it: nothing where it cannot be read."""
    try:
        [found] = _sights([content], parts=True)
    except (Unreadable, ValueError):
        return Sought(content)
    return Sought(content, found)


def nearest(db: Transaction, actor: Actor, reach: Reach, sought: Sought, limit: int) -> list[Near]:
    """What a picture shows, the nearest first, each revision once."""
    found: dict[str, Near] = {}
    for near in _all(db, actor, reach, sought, limit):
        found.setdefault(near.row.id, near)
        if len(found) == limit:
            break
    return list(found.values())


def _all(db: Transaction, actor: Actor, reach: Reach, sought: Sought, limit: int) -> Iterator[Near]:
    content, looks_ = sought.content, sought.sight.looks
    names = [revision_named(one) for one in sought.sight.codes] + [one.revision for one in marks_of(content)]
    named = [row for row in (_named(db, actor, one) for one in names if one) if row is not None]
    images = pictures.best(db, [row.id for row in named])
    yield from (Near(row, images.get(row.id), 0.0) for row in named)
    yield from (Near(*one, 0.0) for one in search.with_picture(db, reach, blake3(content).hexdigest(), limit))
    likely = _alike(db, looks.within(db, reach), looks_)[:limit]
    shown = looks.showing(db, reach, [digest for _, digest in likely], limit)
    for likeness, digest in likely:
        yield from (Near(*one, round(1 - likeness, 4)) for one in shown.get(digest, []))


def _named(db: Transaction, actor: Actor, name: str) -> Revision | None:
    """The revision of a code or a mark, whatever its server was called then, if the asker may read it."""
    row = tree.by_short_id(db, name) or db.get(Revision, name.lower(), options=[ABOVE_REVISION])
    return row if row is not None and policy.allows(db, actor, policy.Act.READ, row) else None


def _alike(db: Transaction, known: Sequence[Known], parts: Iterable[Look]) -> list[tuple[float, str]]:
    """Likeness and hash of the pictures that look like one of the parts, the likest first."""
    found: dict[str, float] = {}
    for part in parts:
        distances = [(one.bits ^ part.bits).bit_count() for one in known]
        near = sorted((distance, at) for at, distance in enumerate(distances) if distance <= FAR)[:NEAREST]
        sketches = looks.sketches(db, (known[at].id for _, at in near))
        for _, at in near:
            one = known[at]
            if one.id in sketches:
                likeness = part.likeness(Look(one.bits, sketches[one.id]))
                found[one.hash] = max(likeness, found.get(one.hash, 0.0))
        if any(likeness >= CLEAR for likeness in found.values()):
            break
    return sorted(((min(one, 1.0), digest) for digest, one in found.items() if one >= LEAST), reverse=True)


# ---------------------------------------------------------------- looking at what was stored


def look_around(store: Store, going_on: Callable[[], bool]) -> int:
    """Look at stored pictures that nobody has looked at, as long as that is wanted; at how many."""
    count = 0
    while going_on():
        with store.reading() as db:
            waiting = looks.waiting(db, AT_A_TIME)
        told = _looked_at(store, waiting)
        if not told:
            break
        with store.writing() as db:
            looks.keep(db, told)
        count += len(told)
    return count


def up_to(count: int) -> Callable[[], bool]:
    """To go on for so many pictures, and no longer."""
    left = [count // AT_A_TIME]

    def going_on() -> bool:
        left[0] -= 1
        return left[0] >= 0

    return going_on


def _looked_at(store: Store, waiting: Sequence[Picture]) -> dict[str, Look | None]:
    told: dict[str, Look | None] = {}
    contents: dict[str, bytes] = {}
    for one in waiting:
        try:
            content = b"".join(store.read(one.chunks, one.bucket_id)) if one.size_bytes <= MOST_BYTES else b""
        except DamagedBlob:
            content = b""
        except OutOfReach:
            continue  # another time
        contents[one.hash] = content
        if sum(map(len, contents.values())) > MOST_AT_A_TIME:
            break
    left = list(contents)
    while left:
        try:
            for sight_ in _sights([contents[one] for one in left]):
                told[left.pop(0)] = next(iter(sight_.looks), None)
            break
        except Unreadable:  # the first that is left was too much for the child
            for digest in left[:1]:
                log.warning("the looks of %s: it cannot be read", digest)
                told[digest] = None
            left = left[1:]
    return told


def _sights(contents: Iterable[bytes], *, parts: bool = False) -> Iterator[Sight]:
    """What a child sees in pictures. Raises Unreadable at the first one that ends it."""
    with _at_once, tempfile.NamedTemporaryFile(prefix="gofigr-seen-") as file:
        for content in contents:
            file.write(LENGTH.pack(len(content)) + content)
        file.flush()
        arguments = ["parts"] if parts else []
        seconds = SECONDS if parts else 3 * SECONDS
        for frame in frames(CHILD, Path(file.name), lambda: None, arguments=arguments, seconds=seconds):
            yield _of(frame)


def _of(frame: Frame) -> Sight:
    try:
        told = [Look(int(bits, 16), unpacked(sketch)) for bits, sketch in frame[0]["looks"]]
        return Sight([str(one) for one in frame[0]["codes"]], told)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable("The file cannot be read.") from error
