"""The child process in which pictures are decoded and made anew, one after the other, each with a budget of its own.

In: frames that bring a stranger's file piece by piece, then a step to do with it. Out: a frame for each step. A bomb,
or a flaw in a decoder, costs this process alone.
"""

from __future__ import annotations

import os
import sys
import warnings
from dataclasses import asdict
from typing import Any

from gofigr_jupyter.server.cdn.plans import Plan
from gofigr_jupyter.server.child import Frame, confine, receive, send

MEMORY = 448 << 20  # of addresses; little more than 10 MB of them are not in use
CPU_SECONDS = 20
MOST_BYTES = 64 << 20
DAMAGED = "The picture is damaged, or not what its type says."
TOO_LARGE = "The picture is too large to be changed."


def main() -> None:
    """Serve until nobody asks any more."""
    confine(MEMORY, CPU_SECONDS)
    warnings.simplefilter("ignore")  # nobody reads them
    # What a library prints must not be read as an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    bench = Bench()
    while (frame := receive(sys.stdin.buffer, MOST_BYTES)) is not None:
        answer = bench.served(frame)
        if answer is not None:
            send(answers, *answer)
            answers.flush()


class Bench:
    """The picture that is worked on, from its first piece to the last step."""

    _content: bytearray
    _picture: Any
    _drawn: Any
    _plan: Plan

    def __init__(self) -> None:
        from gofigr_jupyter.server.cdn import pixels  # noqa: PLC0415 - Pillow is loaded within the limits

        pixels.limit()
        self._pixels = pixels
        self._clear()

    def served(self, frame: Frame) -> Frame | None:
        """The answer to a frame; a `problem` is for people to read, and ends the work on this picture."""
        header, blobs = frame
        if header["do"] == "take":
            self._content += b"".join(blobs)
            return None
        try:
            return self._done(header)
        except self._pixels.Refused as refused:
            problem = str(refused)
        except MemoryError:
            problem = TOO_LARGE
        except Exception:  # noqa: BLE001 - decoders raise anything
            problem = DAMAGED
        self._clear()
        return {"problem": problem}, []

    def _done(self, header: dict[str, Any]) -> Frame:
        match header["do"]:
            case "look":
                confine(MEMORY, CPU_SECONDS)
                content, self._content = bytes(self._content), bytearray()
                self._picture = self._pixels.opened(content, header["type"])
                return asdict(self._pixels.about(self._picture, header["type"])), []
            case "draw":
                self._plan = Plan(**header["plan"])
                self._drawn = self._pixels.drawn(self._picture, self._plan)
                self._picture = None  # its memory is wanted for encoding
                return {}, []
            case "encode":
                made = self._pixels.encoded(self._drawn, self._plan)
                self._clear()
                return {}, [made]
        raise ValueError(header["do"])

    def _clear(self) -> None:
        self._content = bytearray()
        self._picture = self._drawn = None


if __name__ == "__main__":
    main()
