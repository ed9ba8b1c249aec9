"""Pictures as they are wished for: a stored picture and a Wish in, the encoded picture out, made once.

What was made is kept; equal requests at the same time wait for one that makes it. Decoding and encoding are done in
child processes: this one sees bytes only.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import Any

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.server.cdn.album import Album
from gofigr_jupyter.server.cdn.crew import Busy, Child, Crew, Gone, Terms
from gofigr_jupyter.server.cdn.plans import ORIGINAL, About, Plan
from gofigr_jupyter.server.cdn.wishes import Wish
from gofigr_jupyter.server.store.blobs import Cache

__all__ = ["Busy", "Darkroom", "Developed", "Terms", "Undevelopable"]

log = logging.getLogger(__name__)
CHILD = "gofigr_jupyter.server.cdn.develop_child"
ABOUT = "about.json"
MOST_BYTES = 512 << 20
MOST_VARIANTS = 100  # of one picture
MOST_KNOWN = 10_000  # pictures whose size is remembered, and as many that cannot be read
REPENTANCE = 600.0  # seconds after which what failed is tried again
LARGE = 6_000_000  # pixels; pictures like that are decoded one at a time, for the sake of memory
TRIES = 2  # a child may be killed by others than its picture

Read = Callable[[], Iterator[bytes]]


class Undevelopable(GoFigrError):
    """Nothing can be made of a picture; the text is for people."""


@dataclass(frozen=True)
class Developed:
    """A picture that was made; `digest` is the BLAKE3 of its content."""

    content: bytes
    content_type: str
    digest: str


class Darkroom:
    """Where pictures are made; `close` it at the end. What it keeps in the cache survives."""

    def __init__(
        self,
        cache: Cache,
        *,
        most_bytes: int = MOST_BYTES,
        most_variants: int = MOST_VARIANTS,
        terms: Terms | None = None,
        module: str = CHILD,
    ) -> None:
        self._terms = terms or Terms()
        self.crew = Crew(module, self._terms)
        self._album = Album(cache, most_bytes, most_variants)
        self._abouts: OrderedDict[str, About] = OrderedDict()
        self._failed: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._flights: dict[str, Future[Developed]] = {}
        self.followers = 0  # requests that wait for what another makes; each holds a thread
        self._lock = threading.Lock()
        self._large = threading.Lock()

    @staticmethod
    def takes(content_type: str) -> bool:
        """Whether pictures of this type are made anew; all others are served as they are, above all SVG."""
        return content_type in ORIGINAL

    def develop(self, digest: str, content_type: str, read: Read, wish: Wish) -> Developed:
        """The picture as wished for; `digest` is the hash of what `read` gives, which is asked for only where needed.

        Raises Undevelopable, Busy, and whatever `read` raises.
        """
        if not self.takes(content_type):
            raise Undevelopable("Only JPEG, PNG, GIF and WebP pictures can be changed.")
        while True:
            plan, kept = self._kept(digest, content_type, wish)
            if kept is not None:
                return kept
            # As long as nobody has looked at the picture, nobody knows which requests are equal.
            name = f"{digest}/{'' if plan is None else plan.name}"
            self._check(digest, name)
            with self._lock:
                flight = self._flights.get(name)
                if mine := flight is None:
                    flight = self._flights[name] = Future()
            if mine:
                return self._lead(flight, name, lambda: self._made(digest, content_type, read, wish))
            made = self._follow(flight)
            if plan is not None:
                return made

    def forget(self, digest: str) -> None:
        """Take away all that was made of a picture."""
        with self._lock:
            self._abouts.pop(digest, None)
        self._album.remove(digest)

    def weed(self, named: Callable[[Collection[str]], set[str]]) -> int:
        """Take away what was made of pictures that are not there any more; `named` says which are. How many went."""
        known = self._album.digests()
        gone = known - named(known)
        for digest in gone:
            self.forget(digest)
        return len(gone)

    def close(self) -> None:
        """End the child processes."""
        self.crew.close()

    def _lead(self, flight: Future[Developed], name: str, make: Callable[[], Developed]) -> Developed:
        try:
            made = make()
        except BaseException as error:
            flight.set_exception(error)
            raise
        else:
            flight.set_result(made)
            return made
        finally:
            with self._lock:
                del self._flights[name]

    def _follow(self, flight: Future[Developed]) -> Developed:
        with self._lock:
            if self.followers >= self._terms.waiting:
                raise Busy("Too many wait for this picture. Ask again soon.")
            self.followers += 1
        try:
            return flight.result(self._terms.patience)
        except TimeoutError as error:
            raise Busy("This picture takes long. Ask again soon.") from error
        finally:
            with self._lock:
                self.followers -= 1

    # ---------------------------------------------------------------- making

    def _made(self, digest: str, content_type: str, read: Read, wish: Wish) -> Developed:
        _, kept = self._kept(digest, content_type, wish)
        if kept is not None:  # by one who was ready after we had looked for it
            return kept
        for attempt in range(1, TRIES + 1):
            job = _Job(digest, content_type, wish)
            try:
                with self.crew.hired() as child:
                    self._work(job, child, read)
                break
            except Gone as gone:
                log.warning("picture %s: %s", digest, gone)
                if gone.late or attempt == TRIES:
                    job.problem = "The picture takes too much time or memory to be changed."
                    break
        if job.about is not None:
            self._keep_about(digest, job.about)
        if job.plan is None or job.problem:
            self._fail(job.name, job.problem)
            raise Undevelopable(job.problem)
        seal = self._album.put(digest, job.plan.name, job.content)
        return Developed(job.content, job.plan.content_type, seal)

    def _work(self, job: _Job, child: Child, read: Read) -> None:
        for piece in read():
            child.tell({"do": "take"}, [piece])
        looked = job.answer(child, {"do": "look", "type": job.content_type})
        if job.problem:
            return
        job.about = About(**looked)
        job.plan = Plan.of(job.wish, job.about)
        if job.about.width * job.about.height > LARGE:
            with self._large:
                self._draw(job, child, job.plan)
        else:
            self._draw(job, child, job.plan)

    @staticmethod
    def _draw(job: _Job, child: Child, plan: Plan) -> None:
        job.answer(child, {"do": "draw", "plan": asdict(plan)})
        if not job.problem:
            job.name = f"{job.digest}/{plan.name}"  # from here on a failure is that of the plan
            job.answer(child, {"do": "encode"})

    # ---------------------------------------------------------------- what is known

    def _kept(self, digest: str, content_type: str, wish: Wish) -> tuple[Plan | None, Developed | None]:
        """The plan, where the picture is known, and what was made by it, where that was done."""
        about = self._about(digest, content_type)
        if about is None:
            return None, None
        plan = Plan.of(wish, about)
        kept = self._album.get(digest, plan.name)
        return plan, None if kept is None else Developed(kept[0], plan.content_type, kept[1])

    def _about(self, digest: str, content_type: str) -> About | None:
        with self._lock:
            if (known := self._abouts.get(digest)) is not None:
                return known
        kept = self._album.get(digest, ABOUT)
        if kept is None:
            return None
        about = About(**json.loads(kept[0]))
        if about.content_type != content_type:
            return None
        self._remember(digest, about)
        return about

    def _keep_about(self, digest: str, about: About) -> None:
        with self._lock:
            known = digest in self._abouts
        if not known:
            self._album.put(digest, ABOUT, json.dumps(asdict(about)).encode())
            self._remember(digest, about)

    def _remember(self, digest: str, about: About) -> None:
        with self._lock:
            self._abouts[digest] = about
            while len(self._abouts) > MOST_KNOWN:
                self._abouts.popitem(last=False)

    def _fail(self, name: str, problem: str) -> None:
        with self._lock:
            self._failed[name] = (time.monotonic() + REPENTANCE, problem)
            while len(self._failed) > MOST_KNOWN:
                self._failed.popitem(last=False)

    def _check(self, digest: str, name: str) -> None:
        """Raise Undevelopable for what failed a short while ago."""
        with self._lock:
            for one in (digest, name):
                until, problem = self._failed.get(one, (0.0, ""))
                if until > time.monotonic():
                    raise Undevelopable(problem)


class _Job:
    """One picture on its way through a child: what is known of it so far, and what went wrong."""

    def __init__(self, digest: str, content_type: str, wish: Wish) -> None:
        self.digest = digest
        self.content_type = content_type
        self.wish = wish
        self.about: About | None = None
        self.plan: Plan | None = None
        self.problem = ""
        self.content = b""
        self.name = digest  # what failed, if it fails now: the picture as a whole

    def answer(self, child: Child, header: dict[str, Any]) -> dict[str, Any]:
        """Take the next step."""
        told, blobs = child.ask(header)
        self.problem = str(told.pop("problem", ""))
        self.content = blobs[0] if blobs else b""
        return told
