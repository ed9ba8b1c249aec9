"""The bundle: all that it takes to make a figure again, described, and it does make it."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from PIL import Image
from rocrate.rocrate import ROCrate

from gofigr_jupyter.capture.fingerprint import fingerprint
from gofigr_jupyter.embedding.files import marks_of
from gofigr_jupyter.proof import archive, bundle, crate, requirements
from gofigr_jupyter.proof.bundle import Content, Sources
from gofigr_jupyter.proof.recorded import Recorded
from gofigr_jupyter.records import Package
from tests.embedding.test_files import FILES
from tests.proof.records import record

DATA = b"x,y\n1,2\n2,8\n"
PICTURE = b"\x89PNG not really"


def content(data: bytes) -> Content:
    return Content(len(data), lambda: [data])


def zipped(one: Recorded, **inputs: bytes) -> bytes:
    sources = Sources({"picture": content(PICTURE)}, {path: content(data) for path, data in inputs.items()}, b"all\n")
    return b"".join(archive.zipped(bundle.entries(one, sources)))


@pytest.fixture
def one() -> Recorded:
    code = "import matplotlib.pyplot as plt\nrows = open('data/doses.csv').read().split()[1:]"
    plot = "plt.plot(*zip(*[map(float, row.split(',')) for row in rows]))"
    inputs = [
        {"path": "/p/data/doses.csv", "name": "doses.csv", "digest": "ab" * 32, "read_by": "open"},
        {"path": "/p/gone.csv", "name": "gone.csv", "problem": "it was too large"},
        {"path": "https://example.org/x.csv", "name": "https://example.org/x.csv"},
    ]
    return record([(1, code), (2, plot)], inputs=inputs, notebook_path="/p/dose.ipynb")


def unpacked(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(BytesIO(data)) as found:
        found.extractall(folder)
    return folder


def test_what_is_in_it(one: Recorded, tmp_path: Path) -> None:
    data = zipped(one, **{"/p/data/doses.csv": DATA})
    assert data == zipped(one, **{"/p/data/doses.csv": DATA})
    folder = unpacked(data, tmp_path)
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert names == [
        "README.md", "data/doses.csv", "figure-as-shown.png", "notebook.ipynb", "packages.txt", "requirements.txt",
        "ro-crate-metadata.json", "script.py",
    ]  # fmt: skip
    assert (folder / "data/doses.csv").read_bytes() == DATA
    assert (folder / "figure-as-shown.png").read_bytes() == PICTURE
    readme = (folder / "README.md").read_text("utf-8")
    assert "gone.csv is not in this bundle: it was too large" in readme
    assert "is read from the network" in readme
    assert one.about.link in readme


def test_it_is_a_crate_that_others_can_read(one: Recorded, tmp_path: Path) -> None:
    folder = unpacked(zipped(one, **{"/p/data/doses.csv": DATA}), tmp_path / "crate")
    found = ROCrate(folder)
    assert found.name == "Dose response"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {crate.NAME}
    assert {entity.id for entity in found.data_entities} == files
    assert found.root_dataset["datePublished"].startswith("2026-11-22")
    assert found.root_dataset["author"]["name"] == "ada"
    assert found.root_dataset["license"]["name"] == "Not stated"
    script = found.mainEntity
    assert "SoftwareSourceCode" in script.type
    assert script["programmingLanguage"]["version"] == "3.11.7"
    making = found.get("#making")
    assert making["instrument"].id == "script.py"
    assert [entity.id for entity in making["object"]] == ["data/doses.csv"]
    assert [entity.id for entity in making["result"]] == ["figure-as-shown.png"]
    found.write(tmp_path / "again")


def test_every_reference_of_the_crate_leads_somewhere(one: Recorded) -> None:
    told = json.loads(crate.text(one, [crate.File("a b/ü.csv", "x", "text/csv", 3, "input")]))
    ids = {entity["@id"] for entity in told["@graph"]}
    assert len(ids) == len(told["@graph"])

    def references(value: object):
        if isinstance(value, dict):
            if set(value) == {"@id"}:
                yield value["@id"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    outside = {"https://w3id.org/ro/crate/1.1"}
    assert {one for entity in told["@graph"] for value in entity.values() for one in references(value)} - ids <= outside | {"script.py"}
    assert "a%20b/%C3%BC.csv" in ids


def test_requirements_are_what_the_code_imports(one: Recorded) -> None:
    code = "import numpy, sklearn, os, our_lab, waves, mystery\nimport pandas as pd\npd.read_parquet('x').plot()"
    text = requirements.text(record([(1, code)]))
    assert text.splitlines() == [
        "# CPython 3.11.7, Linux",
        "matplotlib==3.9.0",
        "numpy==2.1.0",
        "# our-lab 0.1 was installed editable from file:///home/ada/lab",
        "pandas==2.2.3",
        "pyarrow==18.0",
        "scikit-learn==1.5.0",
        "waves @ git+https://example.org/waves.git@abc123",
        "# mystery: it is not known which package this module is from",
    ]


@pytest.mark.parametrize(
    ("package", "said"),
    [
        (Package("numpy", "2.1.0"), "numpy==2.1.0"),
        (Package("scipy", "1.14.0rc2"), "scipy==1.14.0rc2"),
        (Package("torch", "2.4.0+cu121"), "torch==2.4.0  # 2.4.0+cu121 was installed"),
        (Package("waves", "1.2.dev3"), "waves  # 1.2.dev3 was installed"),
        (Package("waves", "of today"), "waves  # of today was installed"),
        (Package("waves", ""), "waves"),
        (
            Package("numpy", "2.1.0", origin="file:///home/conda/feedstock_root/build_artifacts/numpy_17/work"),
            "numpy==2.1.0  # conda's build was installed",
        ),
        (Package("numpy", "2.1.0", origin="file:///croot/numpy_1/work"), "numpy==2.1.0  # conda's build was installed"),
        (
            Package("waves", "1.0", origin="file:///home/ada/waves-1.0-py3-none-any.whl"),
            "# waves 1.0 was installed from file:///home/ada/waves-1.0-py3-none-any.whl",
        ),
        (
            Package("waves", "1.0", is_editable=True, origin="git+https://example.org/waves@abc"),
            "# waves 1.0 was installed editable from git+https://example.org/waves@abc",
        ),
        (
            Package("waves", "1.0", origin="git+https://example.org/all@abc#subdirectory=waves"),
            "waves @ git+https://example.org/all@abc#subdirectory=waves",
        ),
        (
            Package("waves", "1.0", origin="https://example.org/waves-1.0.tar.gz"),
            "waves @ https://example.org/waves-1.0.tar.gz",
        ),
        (Package("-r other", "1.0"), "# -r other 1.0: this is no name of a package"),
    ],
)
def test_a_line_is_one_that_pip_takes_and_says_what_it_was(package: Package, said: str) -> None:
    line = requirements.line(package)
    assert line == said
    bare = line.partition("  # ")[0]
    assert bare.startswith("# ") or Requirement(bare).name == package.name


def test_what_pip_does_not_bring_is_said_to_the_reader(tmp_path: Path) -> None:
    folder = unpacked(zipped(record([(1, "import our_lab, mystery, numpy")])), tmp_path)
    readme = (folder / "README.md").read_text("utf-8")
    assert "- It was made with CPython 3.11.7, Linux" in readme
    assert "- our-lab 0.1 was installed editable from file:///home/ada/lab: pip does not install it" in readme
    assert "- mystery: it is not known which package this module is from" in readme
    assert "numpy" not in readme


def test_the_picture_in_it_leads_back_to_the_revision(tmp_path: Path) -> None:
    one = record()
    sources = Sources({"picture": content(FILES["png"])}, {}, None)
    folder = unpacked(b"".join(archive.zipped(bundle.entries(one, sources))), tmp_path)
    shown = (folder / "figure-as-shown.png").read_bytes()
    [mark] = marks_of(shown)
    assert (mark.link, mark.revision, mark.figure) == (one.about.link, one.about.revision, one.about.figure)
    assert fingerprint(shown).pixels == fingerprint(FILES["png"]).pixels
    told = json.loads((folder / crate.NAME).read_text("utf-8"))["@graph"]
    [described] = [entity for entity in told if entity["@id"] == "figure-as-shown.png"]
    assert described["contentSize"] == str(len(shown))


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import plotly.express as px", ["numpy", "plotly"]),
        ("from plotly import express as px\npx.scatter(x, trendline='ols')", ["numpy", "plotly", "statsmodels"]),
        ("import plotly.graph_objects as go\ngo.FigureWidget()", ["anywidget", "plotly"]),
        ("import pandas as pd\npd.read_csv('x').plot(kind='kde')", ["matplotlib", "pandas", "scipy"]),
    ],
)
def test_what_libraries_use_in_silence_is_needed_too(code: str, names: list[str]) -> None:
    there = ("anywidget", "matplotlib", "numpy", "pandas", "plotly", "scipy", "statsmodels", "pyarrow")
    one = record([(1, code)], packages=[Package(name, "1.0") for name in there])
    assert [package.name for package in requirements.needed(one)[0]] == names


def test_no_line_of_requirements_can_hold_more_than_a_package() -> None:
    bad = Package("numpy\n--index-url http://evil", "1\n-e .", origin="x\ny")
    assert requirements.line(bad).count("\n") == 0


def test_an_input_with_the_name_of_a_file_of_ours(tmp_path: Path) -> None:
    inputs = [{"path": "/p/script.py", "name": "script.py"}, {"path": "/p/figure.png", "name": "figure.png"}]
    code = "exec(open('script.py').read()); open('figure.png')"
    one = record([(1, code)], inputs=inputs, notebook_path="/p/n.ipynb")
    folder = unpacked(zipped(one, **{"/p/script.py": b"pass", "/p/figure.png": b"p"}), tmp_path)
    assert (folder / "inputs/2/script.py").read_bytes() == b"pass"
    assert "open('inputs/2/script.py')" in (folder / "script.py").read_text("utf-8")
    assert "open('inputs/2/figure.png')" in (folder / "script.py").read_text("utf-8")


@pytest.mark.slow
def test_a_bundle_runs_where_nothing_of_ours_is(one: Recorded, tmp_path: Path) -> None:
    folder = unpacked(zipped(one, **{"/p/data/doses.csv": DATA}), tmp_path / "bundle")
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    # The packages are taken from where the tests run: an index is not what is tested here.
    path = [entry for entry in sys.path if entry.endswith("site-packages")]
    (only,) = (tmp_path / "env/lib").glob("python*/site-packages")
    for name in ("matplotlib", "mpl_toolkits", "numpy", "numpy.libs", "PIL", "pillow.libs", "packaging", "pyparsing", "cycler",
                 "kiwisolver", "dateutil", "six.py", "contourpy", "fontTools"):  # fmt: skip
        source = next((Path(entry) / name for entry in path if (Path(entry) / name).exists()), None)
        if source is not None:
            (only / name).symlink_to(source)
    done = subprocess.run(
        [tmp_path / "env/bin/python", "-I", "script.py"], cwd=folder, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    with Image.open(folder / "figure.png") as picture:
        assert picture.width > 300
