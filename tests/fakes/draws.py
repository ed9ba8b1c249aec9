"""A renderer without a process: the same forms for every figure, and one that cannot be made."""

from __future__ import annotations

import time

from gofigr_jupyter.records import Missing, Parcel, Rendition


class FakeDraws:
    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.drawn: list[str] = []

    def render(self, parcel: Parcel) -> list[Rendition]:
        self.drawn.append(parcel.client_id)
        time.sleep(self.seconds)
        mark = parcel.client_id.encode()
        return [
            Rendition("svg", b"<svg>" + mark),
            Rendition("pdf", Missing("no source")),
            Rendition("png", b"marked " + mark, "watermark"),
            Rendition("webp", b"small " + mark, "thumbnail"),
        ]

    def close(self) -> None:
        """Nothing to end."""
