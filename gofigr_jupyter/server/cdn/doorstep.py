"""Uploads straight to a bucket: an address at which the bucket itself takes a file, which is taken in when it is seen.

Nobody tells us that such a file has come. So it is looked for when its address is asked for, when files are
listed, and when there is nothing else to do; it is read once, held to the rules for all files, and kept or thrown away.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from gofigr_jupyter import media
from gofigr_jupyter.schema.fig1 import NOT_SUPPORTED, UPLOAD_SECONDS
from gofigr_jupyter.server.cdn.envelope import refusal
from gofigr_jupyter.server.cdn.receiving import Receiver, require_size
from gofigr_jupyter.server.cdn.signing import Claim
from gofigr_jupyter.server.cdn.sniffing import Sniffer
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store import cdn, placing
from gofigr_jupyter.server.store.arrivals import Arrival
from gofigr_jupyter.server.store.blobs import OutOfReach
from gofigr_jupyter.server.store.store import Store

log = logging.getLogger(__name__)


class Doorstep:
    """What was put into buckets for one data folder, and by which addresses."""

    def __init__(self, store: Store, receiver: Receiver) -> None:
        self._store = store
        self._receiver = receiver
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()

    def address(self, file_id: str, asker: str, bucket_id: str) -> str:
        """Where the bucket takes the file of a promised address from who asked for it. Raises OutOfReach."""
        return self._store.arrivals(bucket_id).address(f"{file_id}/{asker}", timedelta(seconds=UPLOAD_SECONDS))

    def look(self, key: str) -> None:
        """Take in the file of an address, if one has come that nobody had seen. Raises OutOfReach."""
        with self._store.reading() as db:
            row = cdn.awaited(db, key)
            bucket_id = placing.in_force(db, row.site.workspace) if row is not None else None
        if row is not None and bucket_id is not None:
            self._take(bucket_id, row.id)

    def look_in(self, site_id: str) -> None:
        """The same for all addresses of a site that wait; a bucket that does not answer is left alone."""
        with self._store.reading() as db:
            waiting = {row.id: row.site for row in cdn.all_awaited(db, site_id)}
            bucket_id = placing.in_force(db, next(iter(waiting.values())).workspace) if waiting else None
        if bucket_id is not None:
            with suppress(OutOfReach):
                for file_id in self._came(bucket_id) & waiting.keys():
                    self._take(bucket_id, file_id)

    def look_around(self, going_on: Callable[[], bool]) -> int:
        """Take in whatever has come to any bucket, and throw away what nobody waits for; how many files were seen."""
        count, were_all_seen = 0, True
        for bucket_id in filter(None, self._store.places()):
            try:
                for file_id in self._came(bucket_id):
                    if not going_on():
                        return count
                    count += self._take(bucket_id, file_id)
            except OutOfReach:
                log.warning("bucket %s is out of reach; what came to it is taken in another time", bucket_id)
                were_all_seen = False
        if were_all_seen:
            with self._store.writing() as db:
                cdn.end_promises(db)
        return count

    def _came(self, bucket_id: str) -> set[str]:
        """The ids of all files that have come to a bucket."""
        return {one.name.partition("/")[0] for one in self._store.arrivals(bucket_id).find()}

    def _take(self, bucket_id: str, file_id: str) -> bool:
        """Each file by one at a time: who comes second finds it kept."""
        arrivals = self._store.arrivals(bucket_id)
        with self._alone(file_id):
            found = arrivals.find(file_id)
            for one in found:
                try:
                    self._keep(bucket_id, one)
                except Refusal as refused:
                    log.info("a file that came to bucket %s is not kept: %s", bucket_id, refused.body)
                with suppress(OutOfReach):  # then it is thrown away another time
                    arrivals.remove(one)
        return bool(found)

    def _keep(self, bucket_id: str, one: Arrival) -> None:
        claim, kind = self._claim(one)
        require_size(one.size, claim.most)
        with self._store.filling(bucket_id) as filling:
            sniffer = Sniffer(kind)
            for piece in self._store.arrivals(bucket_id).read(one):
                require_size(sniffer.size + len(piece), claim.most)  # it may be another one than was listed
                sniffer.feed(piece)
                filling.feed([piece])
            self._receiver.keep(claim, kind, filling, sniffer, bucket_id)

    def _claim(self, one: Arrival) -> tuple[Claim, media.Medium]:
        file_id, _, asker = one.name.partition("/")
        with self._store.reading() as db:
            row = cdn.promised(db, file_id)
            kind = media.declared(row.content_type) if row is not None else None
            if row is None or kind is None:
                raise refusal(400, NOT_SUPPORTED)
            most = self._receiver.limits.of(kind.kind)
            return Claim(file_id, row.site_id, asker, row.key, row.content_type, most, expires=0), kind

    @contextmanager
    def _alone(self, file_id: str) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._taken[file_id])
            self._taken[file_id] = 1
        try:
            yield
        finally:
            with self._changed:
                del self._taken[file_id]
                self._changed.notify_all()
