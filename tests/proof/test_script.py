"""The code of a figure as a script and as a notebook: they say where they are from, and they run."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gofigr_jupyter.proof import plain_python, requirements
from gofigr_jupyter.proof.places import placed
from gofigr_jupyter.proof.script import imports, notebook, script
from tests.proof.records import record


def run(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(text, "utf-8")
    command = [sys.executable, "-I", "script.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def text_of(*cells: str, scale: int = 1) -> str:
    return script(record(list(enumerate(cells, 1))), (), scale=scale)


def test_the_head_tells_where_it_is_from() -> None:
    text = script(record(secrets_masked=2), ())
    assert "Dose response, revision 2, by ada, 2026-11-22" in text
    assert "http://127.0.0.1:51234/r/abcDEF123" in text
    assert "something was not sure" in text
    assert "2 secrets were masked" in text
    ast.parse(text)


@pytest.mark.slow
def test_a_script_writes_the_figure_as_the_notebook_showed_it(tmp_path: Path) -> None:
    done = run(text_of("import matplotlib.pyplot as plt", "fig, ax = plt.subplots()\nax.plot([1, 2])"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_each_show_and_each_cell_is_a_figure_of_its_own(tmp_path: Path) -> None:
    cells = (
        "import matplotlib.pyplot as plt",
        "for n in range(2):\n    plt.plot([n, 1])\n    plt.show()",
        "fig, ax = plt.subplots()",
        "ax.bar([1], [2])\nfig",
    )
    done = run(text_of(*cells), tmp_path)
    assert done.returncode == 0, done.stderr
    # The third figure is shown empty, then full: its file holds the last state.
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["figure-2.png", "figure-3.png", "figure.png"]


@pytest.mark.slow
@pytest.mark.parametrize("magic", ["%matplotlib widget", "get_ipython().run_line_magic('matplotlib', 'widget')"])
def test_a_canvas_in_the_page_stays_open_and_shows_the_whole_figure(tmp_path: Path, magic: str) -> None:
    head = f"try:\n    {magic}\nexcept NameError:\n    pass" if magic.startswith("get") else magic
    cells = (f"{head}\nimport matplotlib.pyplot as plt", "fig, ax = plt.subplots()", "ax.bar([1], [2])")
    done = run(text_of(*cells), tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.glob("*.png")] == ["figure.png"]
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.size == (640, 480)
        colours = {colour: count for count, colour in picture.convert("RGB").getcolors(1 << 20) or ()}
        assert colours.get((31, 119, 180), 0) > 10_000, "the bar, which came in a later cell"


@pytest.mark.slow
def test_what_published_a_figure_only_draws_it_now(tmp_path: Path) -> None:
    cells = (
        "import matplotlib.pyplot as plt\nfrom gofigr_jupyter import FindByName, configure, publish, suppress",
        "import gofigr.jupyter as gf\nconfigure(analysis=FindByName('A', create=True))",
        "@gf.reproducible\ndef drawn(x):\n    fig, ax = plt.subplots()\n    ax.plot(x)\n    return fig",
        "with suppress():\n    fig = drawn([1, 2])\npublish(fig, 'Dose');",
        "assert gf.sync.sync('table.csv') == 'table.csv'",
    )
    done = run(text_of(*cells), tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.glob("figure*")] == ["figure.png"]
    assert requirements.needed(record(list(enumerate(cells, 1))))[1] == []


@pytest.mark.slow
def test_things_that_show_themselves_are_written_too(tmp_path: Path) -> None:
    cells = (
        "from IPython.display import display\nfrom PIL import Image",
        "display(Image.new('RGB', (3, 3)))",
        "class Drawing:\n    def _repr_svg_(self):\n        return '<svg/>'\nDrawing()",
    )
    done = run(text_of(*cells), tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "figure.png").exists()
    assert (tmp_path / "figure-2.svg").read_text() == "<svg/>"


@pytest.mark.slow
def test_plotly_goes_to_a_page(tmp_path: Path) -> None:
    done = run(text_of("import plotly.graph_objects as go", "fig = go.Figure(go.Bar(y=[1, 2]))\nfig.show()"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Plotly.newPlot" in (tmp_path / "figure.html").read_text()


def test_a_retina_picture_has_twice_the_pixels() -> None:
    assert "dpi=2 * one.dpi" in text_of("x", scale=2)
    assert "dpi=one.dpi" in text_of("x")


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("%matplotlib inline\nx = 1", "pass  # %matplotlib inline\nx = 1"),
        ("%time x = 1", "x = 1"),
        ("if a:\n    !ls\n    b()", "if a:\n    pass  # !ls\n    b()"),
        ("files = !ls", "files = None  #  = !ls"),
        ("%%time\nx = 1\nx", "# %%time\nx = 1\ndisplay(x)"),
        ("%%bash\nls -l", "# %%bash\n# ls -l\n"),
        ("pd.read_csv?\nx = 1", "pass  # pd.read_csv?\nx = 1"),
        ("x = (1\n  % 2)", "x = (1\n  % 2)"),
        ("fig", "display(fig)"),
        ("fig;", "fig;"),
        ("a = 1; fig  # the end", "a = 1; display(fig)  # the end"),
        ("fig(\n  'ü'\n)\n", "display(fig(\n  'ü'\n))\n"),
        ("'ü'; fig", "'ü'; display(fig)"),
        ("plt.show()", "plt.show()"),
        ("display(fig)", "display(fig)"),
        ("from IPython.display import display\nx = 1", "x = 1"),
        ("this is no python", "this is no python"),
    ],
)
def test_from_a_cell_to_python(cell: str, python: str) -> None:
    assert plain_python.as_python(cell) == python


def test_future_imports_come_first() -> None:
    text = text_of("from __future__ import annotations\nx = 1")
    ast.parse(text)
    assert text.index("from __future__") < text.index("_pyplot")
    assert text.count("from __future__") == 1


def test_paths_that_lead_elsewhere_are_replaced_and_told() -> None:
    one = record([(1, "read('/mnt/x.csv')")], inputs=[{"path": "/mnt/x.csv", "name": "x.csv"}])
    places = placed(one.inputs, one.code.cells, None)
    assert "read('inputs/x.csv')" in script(one, places)
    assert "/mnt/x.csv is read from inputs/x.csv" in script(one, places)
    assert "read('inputs/x.csv')" in notebook(one, places)


def test_the_notebook_is_one_and_always_the_same() -> None:
    one = record()
    text = notebook(one, ())
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert text == notebook(one, ())
    cells = nbformat.reads(text, as_version=4).cells
    assert [cell.cell_type for cell in cells] == ["markdown", "code", "code"]
    assert "Dose response" in cells[0].source
    assert one.about.link in cells[0].source
    assert cells[2].source.startswith("plt.plot(")


def test_nothing_of_the_text_becomes_markup() -> None:
    one = record(title="**bold** <b>x</b> [l](http://x)")
    cell = nbformat.reads(notebook(one, ()), as_version=4).cells[0].source
    assert "\\*\\*bold\\*\\* \\<b\\>x\\</b\\> \\[l\\]" in cell


def test_imports_of_all_kinds() -> None:
    one = record(
        [
            (1, "import numpy as np, os.path\nfrom mpl_toolkits import x\ntry:\n    import a.b\nexcept E: pass"),
            (2, "%load_ext thing\ndef f():\n    from inner import g\nfrom . import near"),
        ]
    )
    assert imports(one.code) == ("numpy", "os", "mpl_toolkits", "a", "inner")


@given(st.text(max_size=200))
def test_whatever_a_cell_holds_is_no_error(cell: str) -> None:
    plain_python.as_python(cell)


@pytest.mark.parametrize(
    "bomb",
    ["(" * 50_000, "-" * 100_000 + "1", "1+" * 100_000 + "1", "a" + ".a" * 100_000, "[" * 90 + "]" * 90, "x" * 10**6],
)
def test_code_that_would_break_a_parser(bomb: str) -> None:
    code = "import sys; from gofigr_jupyter.proof.plain_python import as_python; as_python(sys.stdin.read()); print('fine')"
    done = subprocess.run([sys.executable, "-c", code], input=bomb, capture_output=True, text=True, timeout=60)
    assert done.stdout == "fine\n", done.stderr[-300:]
