"""Programs that some tests need: found, or installed from Debian's packages, or the test fails and says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

# Where daemons live; not on everybody's PATH.
PLACES = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"


def program(name: str, package: str) -> str:
    """The path of a program; `package` is installed where it is missing and we may."""
    found = shutil.which(name, path=PLACES)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-q"], capture_output=True)
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", package], capture_output=True)
        found = shutil.which(name, path=PLACES)
    if found is None:
        pytest.fail(f"This test needs {name}; try: apt-get install {package}", pytrace=False)
    return found
