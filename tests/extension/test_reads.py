"""What cells read is noted, by whatever reader, and nothing of the interpreter or of packages; the user notices nothing."""

from __future__ import annotations

import functools
import http.server
import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import h5py
import numpy as np
import pandas as pd
import pyarrow.orc
import pyarrow.parquet
import pytest
from blake3 import blake3
from PIL import Image

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.settings import Settings
from tests.extension.conftest import Notebook, parked_worker
from tests.kernels import LiveKernel, live_kernel
from tests.worker.test_embedded import kill

pytestmark = pytest.mark.slow
FRAME = pd.DataFrame({"dose": [1.0, 2.0], "mm": [80.0, 75.0]})
IMPORTS = """
import sqlite3, pickle
from pathlib import Path
import numpy as np, pandas as pd, PIL.Image
import matplotlib.pyplot as plt
import pyarrow, pyarrow.csv, pyarrow.dataset, pyarrow.feather, pyarrow.json, pyarrow.orc, pyarrow.parquet as pq
import polars as pl, duckdb, h5py, tables, fsspec
from fsspec.implementations.memory import MemoryFileSystem
"""


def fill(folder: Path) -> None:
    """One file for each reader."""
    FRAME.to_csv(folder / "doses.csv", index=False)
    FRAME.to_parquet(folder / "doses.parquet")
    FRAME.to_feather(folder / "doses.feather")
    FRAME.to_json(folder / "doses.json", orient="records")
    FRAME.to_json(folder / "lines.json", orient="records", lines=True)
    FRAME.to_pickle(folder / "doses.pkl")
    FRAME.to_hdf(folder / "frame.h5", key="doses")
    pyarrow.orc.write_table(pyarrow.Table.from_pandas(FRAME), str(folder / "doses.orc"))
    (folder / "parts").mkdir()
    for name in ("a", "b"):
        FRAME.to_parquet(folder / "parts" / f"{name}.parquet")
    np.save(folder / "doses.npy", FRAME.to_numpy())
    (folder / "raw.bin").write_bytes(FRAME.to_numpy().tobytes())
    (folder / "notes.txt").write_text("a note")
    (folder / "helpers.py").write_text("import pandas as pd\n\ndef load():\n    return pd.read_csv('doses.csv')\n")
    (folder / "script.py").write_text("note = open('notes.txt').read()\n")
    Image.new("RGB", (4, 4), "red").save(folder / "dot.png")
    with h5py.File(folder / "doses.h5", "w") as file:
        file["doses"] = FRAME.to_numpy()
    with sqlite3.connect(folder / "doses.db") as database:
        FRAME.to_sql("doses", database)
    database.close()
    with duckdb.connect(str(folder / "doses.duckdb")) as connection:
        connection.execute("create table doses as select 1 as dose")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web site with one table."""
    folder = tmp_path_factory.mktemp("site")
    FRAME.to_csv(folder / "doses.csv", index=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


class Lab:
    """A kernel, its folder, and what its cells read."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.kernel = notebook.kernel
        self.folder = notebook.home.parent

    def read(self, code: str, **options: Any) -> dict[str, str]:
        """Run a cell; the files it read, by their path below the folder, and what read each."""
        self.kernel.run(code, **options)
        told = self.kernel.run(
            "import json as _json; from gofigr_jupyter.extension import current as _current\n"
            "_n = len(In) - 2\n"
            "_reads = _current.current().session.reads\n"
            "print(_json.dumps([[f.path, f.read_by] for f in _reads.of_cell(_n)]))"
        )
        return {path.removeprefix(f"{self.folder}/"): by for path, by in json.loads(told.text)}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home = tmp_path_factory.mktemp("reads") / "home"
    fill(home.parent)
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        kernel.run(IMPORTS)
        yield Lab(Notebook(kernel, home))


@pytest.mark.parametrize(
    ("code", "paths", "reader"),
    [
        ("open('notes.txt').read()", "notes.txt", "open"),
        ("Path('notes.txt').read_text()", "notes.txt", "pathlib."),
        ("Path('notes.txt').absolute().read_bytes()", "notes.txt", "pathlib."),
        ("import os; os.close(os.open('notes.txt', os.O_RDONLY))", "notes.txt", "open"),
        ("pickle.load(open('doses.pkl', 'rb'))", "doses.pkl", "open"),
        ("sqlite3.connect('doses.db').execute('select * from doses').fetchall()", "doses.db", "open"),
        ("pd.read_csv('doses.csv')", "doses.csv", "pandas.read_csv"),
        ("pd.read_csv(Path.cwd() / 'doses.csv', engine='pyarrow')", "doses.csv", "pandas.read_csv"),
        ("pd.read_parquet('doses.parquet')", "doses.parquet", "pandas.read_parquet"),
        ("pd.read_parquet('parts')", "parts/a.parquet parts/b.parquet", "pandas.read_parquet"),
        ("pd.read_feather('doses.feather')", "doses.feather", "pandas.read_feather"),
        ("pd.read_orc('doses.orc')", "doses.orc", "pandas.read_orc"),
        ("pd.read_json('doses.json')", "doses.json", "pandas.read_json"),
        ("pd.read_pickle('doses.pkl')", "doses.pkl", "pandas.read_pickle"),
        ("pd.read_hdf('frame.h5', 'doses')", "frame.h5", "pandas.read_hdf"),
        ("pd.read_sql('select * from doses', sqlite3.connect('doses.db'))", "doses.db", "open"),
        ("np.load('doses.npy')", "doses.npy", "numpy.load"),
        ("np.load('doses.npy', mmap_mode='r').sum()", "doses.npy", "numpy.load"),
        ("np.memmap('raw.bin', mode='r', dtype=float).sum()", "raw.bin", "numpy.memmap"),
        ("np.fromfile('raw.bin')", "raw.bin", "open"),
        ("np.genfromtxt('doses.csv', delimiter=',')", "doses.csv", "numpy.genfromtxt"),
        ("PIL.Image.open('dot.png').load()", "dot.png", "PIL.open"),
        ("plt.imread('dot.png')", "dot.png", "matplotlib.imread"),
        ("pq.read_table('doses.parquet')", "doses.parquet", "pyarrow.read_table"),
        ("pq.ParquetFile('doses.parquet').read()", "doses.parquet", "pyarrow.ParquetFile"),
        ("pyarrow.dataset.dataset('parts').to_table()", "parts/a.parquet parts/b.parquet", "pyarrow.dataset"),
        ("pyarrow.dataset.dataset(['parts/a.parquet']).to_table()", "parts/a.parquet", "pyarrow.dataset"),
        ("pyarrow.csv.read_csv('doses.csv')", "doses.csv", "pyarrow.read_csv"),
        ("pyarrow.json.read_json('lines.json')", "lines.json", "pyarrow.read_json"),
        ("pyarrow.feather.read_table('doses.feather')", "doses.feather", "pyarrow.read_table"),
        ("pyarrow.orc.read_table('doses.orc')", "doses.orc", "pyarrow.read_table"),
        ("pyarrow.memory_map('raw.bin').read()", "raw.bin", "pyarrow.memory_map"),
        ("pl.read_csv('doses.csv')", "doses.csv", "polars.read_csv"),
        ("pl.scan_csv(Path('doses.csv')).collect()", "doses.csv", "polars.scan_csv"),
        ("pl.read_parquet('doses.parquet')", "doses.parquet", "polars.read_parquet"),
        ("pl.scan_parquet('parts/*.parquet').collect()", "parts/a.parquet parts/b.parquet", "polars.scan_parquet"),
        ("pl.scan_parquet('parts/').collect()", "parts/a.parquet parts/b.parquet", "polars.scan_parquet"),
        ("pl.read_json('doses.json')", "doses.json", "polars.read_json"),
        ("pl.read_ndjson('lines.json')", "lines.json", "polars.read_ndjson"),
        ("pl.read_ipc('doses.feather')", "doses.feather", "polars.read_ipc"),
        ("duckdb.sql(\"select * from 'doses.csv'\").fetchall()", "doses.csv", "duckdb.sql"),
        ("duckdb.execute('select * from read_parquet(?)', ['doses.parquet']).fetchall()", "doses.parquet", "duckdb.execute"),
        ("duckdb.read_csv('doses.csv').fetchall()", "doses.csv", "duckdb.read_csv"),
        ("duckdb.connect().execute(\"from 'parts/*.parquet'\").df()", "parts/a.parquet parts/b.parquet", "duckdb."),
        ("duckdb.connect().read_parquet('doses.parquet').fetchall()", "doses.parquet", "duckdb."),
        ("duckdb.connect('doses.duckdb', read_only=True).close()", "doses.duckdb", "duckdb.connect"),
        ("h5py.File('doses.h5')['doses'][:]", "doses.h5", "h5py.File"),
        ("with h5py.File('doses.h5', 'r') as f: f['doses'][:]", "doses.h5", "h5py.File"),
        ("tables.open_file('doses.h5').close()", "doses.h5", "tables.open_file"),
        ("with fsspec.open('doses.csv') as f: f.read()", "doses.csv", "fsspec."),
        ("import helpers", "helpers.py", "import"),
        ("helpers.load()", "doses.csv", "pandas.read_csv"),
        ("%run script.py", "script.py notes.txt", ""),
        ("%%time\npd.read_csv('doses.csv')", "doses.csv", "pandas.read_csv"),
        ("from concurrent.futures import ThreadPoolExecutor as T\nwith T(2) as pool: list(pool.map(pd.read_csv, ['doses.csv']))", "doses.csv", "pandas.read_csv"),
    ],
)  # fmt: skip
def test_every_reader_is_heard(lab: Lab, code: str, paths: str, reader: str) -> None:
    read = lab.read(code)
    assert sorted(read) == sorted(paths.split())
    assert all(by.startswith(reader) for by in read.values()), read


def test_addresses_through_pandas_and_fsspec(lab: Lab, site: str) -> None:
    assert lab.read(f"pd.read_csv('{site}/doses.csv')") == {f"{site}/doses.csv": "pandas.read_csv"}
    lab.kernel.run(
        "class Remote(MemoryFileSystem):\n    protocol = 'remote'\n    store = {}\n    pseudo_dirs = ['']\n"
        "fsspec.register_implementation('remote', Remote)\n"
        "with fsspec.open('remote://bucket/doses.csv', 'w') as f: f.write('dose\\n1\\n')"
    )
    assert list(lab.read("pd.read_csv('remote://bucket/doses.csv')").values()) == ["pandas.read_csv"]
    [address] = lab.read("with fsspec.open('remote://bucket/doses.csv') as f: f.read()")
    assert address.startswith("remote://")


def test_a_library_unheard_of_is_caught_while_it_holds_the_file(lab: Lab) -> None:
    (lab.folder / "unheard.txt").write_text("x")
    unheard = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.open.restype = ctypes.c_int\n"
        "fd = libc.open(b'unheard.txt', 0)"
    )
    assert list(lab.read(unheard)) == ["unheard.txt"]
    lab.kernel.run("libc.close(fd)")
    assert lab.read("fd = libc.open(b'.', 0)") == {}, "nobody reads all that is in a folder by holding it open"
    lab.kernel.run("libc.close(fd)")


def test_what_is_written_is_no_input(lab: Lab) -> None:
    code = "import tempfile\npd.DataFrame({'a': [1]}).to_csv('out.csv'); open('log.txt', 'a').close()\n"
    assert lab.read(code) == {}
    written = set(lab.kernel.value("sorted(_reads.written())"))
    assert {str(lab.folder / name) for name in ("out.csv", "log.txt")} <= written
    scratch = "with tempfile.NamedTemporaryFile('w+', suffix='.csv') as t:\n    t.write('a\\n1'); t.flush(); pd.read_csv(t.name)"
    assert lab.read(scratch) == {}
    assert list(lab.read("pd.read_csv('out.csv')")) == ["out.csv"]


def test_nothing_of_the_interpreter_packages_fonts_or_secrets(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / ".env").write_text("KEY=1")
    (tmp_path / "credentials.json").write_text("{}")
    with parked_worker(home), live_kernel(home, MPLCONFIGDIR=str(tmp_path / "mpl")) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        lab = Lab(Notebook(kernel, home))
        kernel.run(
            "import json, numpy as np, pandas as pd, matplotlib.pyplot as plt, seaborn as sns, plotly.express as px"
        )
        kernel.run(
            "from sklearn.datasets import load_iris, load_digits; iris = load_iris(as_frame=True); load_digits()"
        )
        kernel.run("px.data.iris(); import polars, duckdb, pyarrow.parquet, h5py, xarray")
        kernel.run(
            "sns.scatterplot(iris.frame, x='petal length (cm)', y='petal width (cm)'); plt.title('é ∑ 漢'); plt.show()"
        )
        kernel.run("open('.env').read(); open('credentials.json').read(); open('/etc/hosts').read()")
        kernel.run("import platform, zoneinfo, ssl; zoneinfo.ZoneInfo('Europe/Berlin'); ssl.create_default_context()")
        kernel.run("1 / 0", check=False)
        kernel.run("def f():\n    raise ValueError(1)\nf()", check=False)
        kernel.run("%pip --version")
        kernel.run("help(pd.read_csv); np.sum?")
        lab.read("1")
        assert kernel.value("[f.path for f in _reads.inputs()[0]]") == []
        assert kernel.value("_reads.inputs()[1]") == 0


def test_the_record_of_a_figure(lab: Lab) -> None:
    lab.read("frame = pd.read_csv('doses.csv')")
    _, [parcel] = lab.notebook.run(
        "note = open('notes.txt').read()\nplt.plot(frame.dose); plt.title('Record'); plt.show()"
    )
    known = {Path(file.path).name: file for file in parcel.provenance.inputs if file.size is not None}
    cell = parcel.provenance.cell
    assert known["notes.txt"].cell == cell.execution_count  # type: ignore[union-attr]
    assert known["doses.csv"].cell < cell.execution_count  # type: ignore[operator, union-attr]
    assert known["notes.txt"].digest == blake3(b"a note").hexdigest()
    assert known["doses.csv"].size == (lab.folder / "doses.csv").stat().st_size
    assert known["doses.csv"].keep
    assert parcel.provenance.inputs_unlisted == 0


def test_the_same_figure_of_the_same_file_is_unchanged_and_of_other_content_is_new(lab: Lab) -> None:
    (lab.folder / "label.txt").write_text("one")
    code = "label = open('label.txt').read(); plt.plot([1, 2]); plt.title('By file'); plt.show()"
    assert len(lab.notebook.run(code, cell_id="by-file")[1]) == 1
    (lab.folder / "label.txt").write_text("one")  # written again, the same
    assert lab.notebook.run(code, cell_id="by-file")[1] == []
    (lab.folder / "label.txt").write_text("two")
    assert len(lab.notebook.run(code, cell_id="by-file")[1]) == 1


def test_the_card_says_that_a_file_has_changed(lab: Lab) -> None:
    (lab.folder / "fresh.csv").write_text("a\n1\n")
    lab.kernel.run("frame = pd.read_csv('fresh.csv'); plt.plot(frame.a); plt.title('Stale'); plt.show()")
    session = "__import__('gofigr_jupyter.extension.current').extension.current.current().session"
    changed = (
        f"[[n for n in s.state.changed if n == 'fresh.csv'] for s in {session}.cards._cards if s.state.name == 'Stale']"
    )
    lab.kernel.run(f"{session}.reads.look_for_changes()")
    assert lab.kernel.value(changed) == [[]]
    (lab.folder / "fresh.csv").write_text("a\n2\n")
    lab.kernel.run(f"{session}.reads.look_for_changes()")
    assert lab.kernel.value(changed) == [["fresh.csv"]]
    assert "fresh.csv  (pandas.read_csv; changed since)" in lab.kernel.run("%gofigr inputs").text
    (lab.folder / "fresh.csv").write_text("a\n1\n")
    lab.kernel.run(f"{session}.reads.look_for_changes()")
    assert lab.kernel.value(changed) == [[]]


def test_off_is_off_and_asking_for_a_file_keeps_it(lab: Lab) -> None:
    lab.kernel.run("%config GoFigr.inputs = 'off'")
    try:
        assert lab.read("pd.read_csv('doses.csv')") == {}
        assert lab.read("from gofigr_jupyter import read_csv; read_csv('doses.csv')") == {
            "doses.csv": "gofigr_jupyter.read_csv"
        }
        lab.kernel.run("%config GoFigr.inputs = 'ask'")
        code = "pd.read_csv('doses.csv'); read_csv('notes.txt'); plt.plot([3, 1]); plt.title('Asks'); plt.show()"
        _, [parcel] = lab.notebook.run(code)
        kept = {
            Path(f.path).name: f.keep
            for f in parcel.provenance.inputs
            if f.cell == parcel.provenance.cell.execution_count
        }  # type: ignore[union-attr]
        assert kept == {"doses.csv": False, "notes.txt": True}
        lab.kernel.run("%gofigr inputs send")
        _, [parcel] = lab.notebook.run(code.replace("[3, 1]", "[4, 1]"))
        assert all(f.keep for f in parcel.provenance.inputs if f.size is not None)
        assert list((lab.notebook.home / "outbox" / "consents").glob("*.json"))
    finally:
        lab.kernel.run("%config GoFigr.inputs = ''")


WRAPPED = (
    "pq.read_table, pq.ParquetFile.__init__, pyarrow.csv.read_csv, pyarrow.memory_map, pyarrow.dataset.dataset, pl.read_csv,"
    " pl.scan_parquet, duckdb.sql, duckdb.execute, duckdb.connect, duckdb.DuckDBPyConnection.execute, h5py.File.__init__,"
    " tables.open_file, fsspec.spec.AbstractFileSystem.open"
)
FAILS = [
    "pq.read_table('nothing.parquet')",
    "pyarrow.csv.read_csv('nothing.csv')",
    "pl.read_csv('nothing.csv')",
    "h5py.File('nothing.h5')",
    "duckdb.sql(\"select * from 'nothing.csv'\")",
    "duckdb.connect().execute('select * from nothing')",
    "tables.open_file('nothing.h5')",
    "with fsspec.open('nothing.csv') as f: pass",
    "open('nothing.txt')",
    "pd.read_csv('nothing.csv')",
]


def failures(kernel: LiveKernel) -> list[str]:
    """What the user sees of each failing cell."""
    seen = [kernel.run(code, check=False).error or "" for code in FAILS]
    return [re.sub(r"In\[\d+\]|0x[0-9a-f]+|ipykernel_\d+/\d+", "", text) for text in seen]


@pytest.mark.parametrize("is_first", [True, False], ids=["imported before", "imported after"])
def test_errors_look_the_same_and_unloading_restores_everything(tmp_path: Path, is_first: bool) -> None:
    home = tmp_path / "home"
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("import sys; meta = list(sys.meta_path)")
        if is_first:
            kernel.run(IMPORTS)
            kernel.run(f"before = [{WRAPPED}]")
            failures(kernel)  # IPython shows the second traceback of a compiled module with more of its source
            plain = failures(kernel)
        kernel.run("%load_ext gofigr_jupyter")
        if not is_first:
            kernel.run(IMPORTS)
            kernel.run("from polars import read_csv as mine")
        assert all(kernel.value(f"[hasattr(f, '__wrapped__') for f in ({WRAPPED},)]"))
        assert kernel.value("pickle.loads(pickle.dumps(pq.read_table)) is pq.read_table")
        failures(kernel)
        wrapped = failures(kernel)
        found = "import pandas as pd\ndef f():\n    near = pd.DataFrame({'a': [1, 2]})\n    return duckdb.sql('select sum(a) from near').fetchall()"
        assert "3" in kernel.run(f"{found}\nprint(f(), duckdb.connect().execute('select 1').fetchall())").text
        kernel.run("%unload_ext gofigr_jupyter")
        assert kernel.value("[type(f).__name__ for f in sys.meta_path] == [type(f).__name__ for f in meta]")
        if is_first:
            assert kernel.value(f"[a is b for a, b in zip(before, [{WRAPPED}])]") == [True] * len(WRAPPED.split(","))
        else:
            plain = failures(kernel)
            assert not kernel.value("'gofigr' in repr(mine.__code__) or mine is not pl.read_csv")
        assert wrapped == plain


def test_what_it_costs(lab: Lab) -> None:
    """Microseconds for each open(): of a package's file, of one that was noted, of a new one."""
    costs = lab.kernel.value(
        "(lambda timeit, hook, pkg, name, cells: [min(timeit.repeat(lambda: hook('open', (pkg, 'r', 0)), number=2000, repeat=3)) / 2000e-6,"
        " min(timeit.repeat(lambda: hook('open', (name, 'r', 0)), number=500, repeat=3)) / 500e-6,"
        " min(timeit.repeat(lambda: (cells[-1].reads.clear(), hook('open', (name, 'r', 0))), number=300, repeat=3)) / 300e-6,"
        " min(timeit.repeat(lambda: hook('builtins.id', (1,)), number=2000, repeat=3)) / 2000e-6])"
        "(__import__('timeit'), __import__('gofigr_jupyter.extension.reads_audit').extension.reads_audit._hook,"
        " np.__file__, str(Path('doses.csv').absolute()), _reads._cells)"
    )
    of_package, known, new, other = costs
    print(f"µs for each open: of a package {of_package:.2f}, known {known:.2f}, new {new:.2f}; other event {other:.2f}")
    assert of_package < 20
    assert new < 500


def test_the_whole_river(tmp_path: Path) -> None:
    """From a cell that reads a table to the server, which has the table, once, and knows what was made from it."""
    home = tmp_path / "home"
    (tmp_path / "doses.csv").write_text("dose,mm\n1,80\n2,75\n")
    try:
        with live_kernel(home) as kernel:
            kernel.run("%load_ext gofigr_jupyter")
            kernel.run("import pandas as pd, matplotlib.pyplot as plt\nother = open('doses.csv').read()")
            kernel.run(
                "frame = pd.read_csv('doses.csv'); plt.plot(frame.dose, frame.mm); plt.title('Doses'); plt.show()"
            )
            kernel.run("plt.plot(frame.mm); plt.title('Alone'); plt.show()")
            assert "Everything is on the server" in kernel.run("%gofigr push 200", timeout=240).text
        with GoFigr(settings=Settings(home=home)) as gf:
            [analysis] = gf.primary_workspace.analyses
            revisions = {one.name: gf.revisions.get(one.revisions[-1].api_id) for one in analysis.figures}
            [asset] = gf.primary_workspace.assets
            [version] = asset.revisions
            assert version.data[0].bytes() == (tmp_path / "doses.csv").read_bytes()
            for revision in revisions.values():
                [link] = revision.assets or []
                assert (link.asset_revision, link.use_type) == (version.api_id, "direct")
                told = revision.metadata["inputs"]
                assert [one["asset_revision"] for one in told] == [version.api_id]
                assert told[0]["digest"] == blake3((tmp_path / "doses.csv").read_bytes()).hexdigest()
                assert not told[0]["changed"]
    finally:
        for name in ("worker", "server"):
            kill(home, name)
