"""Whether an avatar is a small picture: decoded in a child process, where a crash or a bomb costs nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from gofigr_jupyter.server.refusal import invalid

MOST_BYTES = 512_000
SECONDS = 20
SHRINK = Path(__file__).with_name("shrink.py")
_at_once = threading.BoundedSemaphore(2)


def require_picture(content: bytes) -> None:
    """Refuse (400) what is too large or no picture that we know."""
    if len(content) > MOST_BYTES:
        raise invalid("avatar", f"A picture of at most {MOST_BYTES // 1000} KB is needed.")
    # -P: the folder of the script must not be a place to import from
    command = [sys.executable, "-P", str(SHRINK), "64"]
    with _at_once:
        try:
            done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            done = None
    if done is None or done.returncode != 0:
        raise invalid("avatar", "This is no PNG, JPEG, WebP or GIF that can be read.")
