"""Run as a script of its own: a picture on stdin, a small PNG on stdout. It knows nothing of the server.

It decodes files from strangers: few formats, at most 50 megapixels, little memory and time.
"""

from __future__ import annotations

import io
import sys

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 50_000_000
MEMORY = 1 << 30
CPU_SECONDS = 15


def main() -> None:
    """Shrink stdin to fit into a square of as many pixels as the argument says."""
    _limit()
    from PIL import Image  # noqa: PLC0415 - after the limits are set

    size = int(sys.argv[1])
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise SystemExit("more than 50 megapixels")
        picture.draft("RGB", (size, size))
        small = picture if picture.mode in {"RGB", "RGBA", "L"} else picture.convert("RGBA")
        small.thumbnail((size, size))
        out = io.BytesIO()
        small.save(out, "PNG")
    sys.stdout.buffer.write(out.getvalue())


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


if __name__ == "__main__":
    main()
