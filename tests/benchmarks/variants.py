"""Who is compared, and how each is used: as its own documentation tells its users.

In: the environments. Out: Variants that open kernels. A variant that cannot be had says why.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from gofigr_jupyter import spawn
from gofigr_jupyter.outbox.box import Outbox
from tests.benchmarks import cells
from tests.fakes.server import API_KEY, FakeGoFigr
from tests.kernels import LiveKernel, Ran, kernel_env

PLAIN, THIS, GOFIGR, WANDB = "plain", "this", "gofigr", "wandb"
_SETTLE_SECONDS = 60.0
_REST_SECONDS = 0.3  # the kernel's own threads write history and messages after the cell

_GOFIGR_LOAD = """
%load_ext gofigr
configure(analysis=FindByName("Benchmark", create=True), auto_publish=True, notebook_name="benchmark.ipynb",
          notebook_path="benchmark.ipynb")
"""
_WANDB_LOAD = """
import wandb
wandb.init(project="benchmark")
"""


@dataclass(frozen=True)
class Variant:
    """One column of the tables."""

    name: str
    python: Path
    load: str = ""
    env: dict[str, str] = field(default_factory=dict)

    def cell(self, figure: str, source: str) -> str:
        """The cell as somebody who uses this would write it."""
        if self.name != WANDB:
            return source
        if figure in cells.IS_PLOTLY:
            return source.replace("\nfig\n", '\nwandb.log({"plotly": fig})\nfig\n')
        return source + 'wandb.log({"figure": wandb.Image(plt.gcf())})\n'


class Bench:
    """One variant at work: a kernel, a state folder and a working directory of its own."""

    def __init__(self, variant: Variant, folder: Path, *, home: Path | None = None) -> None:
        self.variant = variant
        self.home = home or folder / "home"
        self.folder = folder
        self.home.mkdir(parents=True, exist_ok=True)
        self.kernel = LiveKernel(environment(self.home, variant), working_copy(folder), str(variant.python))
        self.kernel_pid = int(self.kernel.manager.provisioner.pid)

    def run(self, source: str) -> Ran:
        """One cell, to its end."""
        return self.kernel.run(source, timeout=300)

    def show(self, figure: str, source: str) -> Ran:
        """A cell that shows a figure, as this variant's users write it."""
        return self.run(self.variant.cell(figure, source))

    def prepare(self) -> None:
        """Import everything, load the variant, and let the beginnings pass."""
        self.run(cells.IMPORTS + cells.WARM)
        if self.variant.load:
            self.run(self.variant.load)

    def settle(self) -> None:
        """Wait until what goes on behind the cell is over, so that it is not counted against the next one's."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        if self.variant.name == THIS:
            box = Outbox(self.home)
            while box.list("new", "taken") and time.monotonic() < deadline:
                time.sleep(0.1)
        time.sleep(_REST_SECONDS)

    def memory(self) -> int:
        """Bytes of the kernel's resident memory, after its garbage is collected."""
        self.run("import gc; [gc.collect() for _ in range(3)]")
        return int(psutil.Process(self.kernel_pid).memory_info().rss)

    def close(self) -> None:
        """End the kernel, and what it started; our own worker and server may serve the next one."""
        family = psutil.Process(self.kernel_pid).children(recursive=True)
        self.kernel.close()
        for process in family if self.variant.name != THIS else []:
            with suppress(psutil.Error):
                process.kill()


@contextmanager
def opened(*variants: Variant, prepare: bool = True) -> Iterator[dict[str, Bench]]:
    """A kernel for each variant, all alive at once, so that their cells can take turns."""
    with ExitStack() as stack:
        benches = {}
        for variant in variants:
            folder = Path(stack.enter_context(temporary_folder()))
            bench = Bench(variant, folder)
            stack.callback(end_services, bench.home)
            stack.callback(bench.close)
            if prepare:
                bench.prepare()
            benches[variant.name] = bench
        yield benches


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for one variant; a service that ends late may still write there while it is removed."""
    with tempfile.TemporaryDirectory(prefix="gofigr-benchmark-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def end_services(home: Path) -> None:
    """End the worker and the server of a state folder, if they run."""
    for process in _services(home):
        with suppress(psutil.Error):
            process.terminate()
    deadline = time.monotonic() + 10
    while (spawn.alive(home, "worker") or spawn.alive(home, "server")) and time.monotonic() < deadline:
        time.sleep(0.05)


def _services(home: Path) -> list[psutil.Process]:
    """Only processes of ours that say in their environment that they serve exactly this folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            command = " ".join(process.cmdline())
            if "gofigr_jupyter." in command and process.environ().get("GOFIGR_JUPYTER_HOME") == str(home):
                found.append(process)
    return found


def stub_variant(python: Path, stub: FakeGoFigr) -> Variant:
    """gofigr against a server on this machine that answers at once."""
    return Variant(
        GOFIGR, python, _GOFIGR_LOAD, {"GF_URL": stub.url, "GF_API_KEY": API_KEY, "GF_AUTO_CONFIGURE": "false"}
    )


def wandb_variant(python: Path) -> Variant:
    """wandb without network."""
    return Variant(WANDB, python, _WANDB_LOAD, {"WANDB_MODE": "offline"})


def this_variant(python: Path) -> Variant:
    """This package: one line."""
    return Variant(THIS, python, "%load_ext gofigr_jupyter")


def environment(home: Path, variant: Variant) -> dict[str, str]:
    """Of the user's own settings, credentials and caches nothing is seen, and nothing is left there."""
    env = kernel_env(home, **variant.env)
    if not variant.env.get("PYTHONPATH"):
        env.pop("PYTHONPATH", None)  # the package as installed, not the working tree
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    user = Path(env["HOME"])
    return env | {
        "PATH": os.pathsep.join([str(variant.python.parent), env.get("PATH", os.defpath)]),
        "GOFIGR_JUPYTER_WORKER_IDLE": "600",
        "GOFIGR_JUPYTER_SERVER_IDLE": "600",
        "WANDB_DIR": str(user),
        "XDG_CACHE_HOME": str(user / ".cache"),
        "XDG_CONFIG_HOME": str(user / ".config"),
        "XDG_DATA_HOME": str(user / ".local" / "share"),
    }


def working_copy(folder: Path) -> Path:
    """A project in a git repository, as most notebooks live in one."""
    project = folder / "project"
    if not project.exists():
        project.mkdir(parents=True)
        (project / "README").write_text("A project with a notebook.\n")
        name = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
        for command in (["init", "-q"], ["add", "."], [*name, "commit", "-q", "-m", "Begin"]):
            with suppress(OSError):
                subprocess.run(["git", *command], cwd=project, capture_output=True, check=False)
    return project
