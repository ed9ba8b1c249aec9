"""Figures made again for real: shown by a kernel, published to an embedded server, run in a clean process, compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gofigr_jupyter.client.assets import hash_of
from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.proof.keeping import keep
from gofigr_jupyter.proof.runner import Limits
from gofigr_jupyter.proof.verdict import Kind, Verdict, said
from gofigr_jupyter.proof.verify import Options, verify
from gofigr_jupyter.proof.whose import stranger

pytestmark = pytest.mark.slow

Publish = Callable[..., Revision]
IMPORTS = (1, "import numpy as np\nimport matplotlib.pyplot as plt")
PLOT = (3, "rng = np.random.default_rng(7)\nplt.plot(rng.normal(size=50).cumsum())\nplt.title('Dose response')")


def proved(gf: GoFigr, revision: Revision, **options: object) -> Verdict:
    return verify(gf, gf.revisions.get(revision), Options(**options), lambda _what, _done: None)  # type: ignore[arg-type]


def test_identical_pixels(gf: GoFigr, published: Publish) -> None:
    revision = published([IMPORTS, PLOT])
    verdict = proved(gf, revision)
    assert (verdict.kind, verdict.reason) in {(Kind.IDENTICAL, "identical bytes"), (Kind.IDENTICAL, "identical pixels")}
    assert verdict.is_reproduced
    assert verdict.changes.said() == ()
    assert verdict.picture is None
    assert said(verdict.short()).startswith("Reproduced: identical ")


@pytest.mark.parametrize("formats", ["retina", "svg", "png', 'svg"])
def test_other_forms_of_display(gf: GoFigr, published: Publish, kernel: object, formats: str) -> None:
    setup = (2, f"from matplotlib_inline.backend_inline import set_matplotlib_formats as f; f('{formats}')")
    back = "f('png')"
    try:
        revision = published([IMPORTS, setup, PLOT])
    finally:
        kernel.run(back)  # type: ignore[attr-defined]
    # What was shown decides, as configuration may have been made elsewhere: the slice knows nothing of it.
    slice_ = next(one for one in revision.data if one.metadata["role"] == "slice")
    assert "set_matplotlib_formats" in slice_.text()
    assert proved(gf, revision).kind is Kind.IDENTICAL


def test_the_form_that_was_configured_elsewhere(gf: GoFigr, published: Publish, kernel: object) -> None:
    kernel.run("%config InlineBackend.figure_formats = ['retina']")  # type: ignore[attr-defined]
    try:
        revision = published([IMPORTS, PLOT])
    finally:
        kernel.run("%config InlineBackend.figure_formats = ['png']")  # type: ignore[attr-defined]
    assert proved(gf, revision).kind is Kind.IDENTICAL


def test_random_numbers_without_a_seed_differ_and_it_says_so(gf: GoFigr, published: Publish) -> None:
    revision = published([IMPORTS, (2, "plt.plot(np.random.normal(size=50))")])
    verdict = proved(gf, revision)
    assert verdict.kind is Kind.DIFFERS
    assert "random numbers without a seed" in verdict.reason
    assert verdict.picture is not None
    assert verdict.compared[0].measure is not None
    assert verdict.compared[0].measure.regions


def test_inputs_unchanged_changed_kept_and_gone(gf: GoFigr, published: Publish, tmp_path: Path) -> None:
    path = tmp_path / "data" / "doses.csv"
    path.parent.mkdir()
    path.write_text("1,2\n2,8\n3,1\n")
    cells = [IMPORTS, (2, "plt.plot(*np.loadtxt('data/doses.csv', delimiter=',').T)")]
    entry = {"name": "doses.csv", "path": str(path), "digest": hash_of(path), "size": 12}
    revision = published(cells, tmp_path, inputs=[entry])
    assert proved(gf, revision).kind is Kind.IDENTICAL

    kept = gf.assets.sync(path, gf.find_workspace())
    path.write_text("1,2\n2,3\n3,1\n")
    verdict = proved(gf, revision)  # found by its hash
    assert verdict.kind is Kind.IDENTICAL
    gf.asset_revisions.delete(kept)
    verdict = proved(gf, revision)
    assert verdict.kind is Kind.DIFFERS
    assert "doses.csv was changed since, and no copy was kept" in verdict.reason

    path.unlink()
    verdict = proved(gf, revision)
    assert verdict.kind is Kind.FAILED
    assert "doses.csv is gone, and no copy was kept" in verdict.reason
    assert "FileNotFoundError" in verdict.reason


def test_an_absolute_path_is_read_from_the_copy_that_was_kept(gf: GoFigr, published: Publish, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("1,2\n2,8\n")
    version = gf.assets.sync(path, gf.find_workspace())
    entry = {"name": "doses.csv", "path": str(path), "digest": hash_of(path), "asset_revision": version.api_id}
    cells = [IMPORTS, (2, f"plt.plot(*np.loadtxt({str(path)!r}, delimiter=',').T)")]
    revision = published(cells, tmp_path, inputs=[entry])
    path.write_text("9,9\n9,8\n")
    assert proved(gf, revision).kind is Kind.IDENTICAL
    assert path.read_text() == "9,9\n9,8\n", "the original is never touched"


def test_a_module_of_the_notebook_s_own_is_found_and_told(gf: GoFigr, published: Publish, tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text("def shape(x):\n    return x ** 2\n")
    cells = [IMPORTS, (2, "import sys; sys.path.insert(0, '')\nimport helpers\nplt.plot(helpers.shape(np.arange(9)))")]
    revision = published(cells, tmp_path, notebook_path=str(tmp_path / "n.ipynb"))
    verdict = proved(gf, revision)
    assert verdict.kind is Kind.IDENTICAL
    assert any("helpers.py" in line for line in verdict.changes.code)


def test_could_not_run_and_why(gf: GoFigr, published: Publish) -> None:
    revision = published([IMPORTS, PLOT])

    def with_slice(text: str) -> Verdict:
        draft = [one for one in revision.data if one.metadata["role"] in {"displayed", "environment"}]
        figure = gf.find_figure("Dose response", analysis="Trial 7")
        data = [_again(one) for one in draft] + [_code(text)]
        return proved(gf, gf.revisions.create(figure=figure, data=data, metadata={}))

    missing = with_slice("import no_such_package")
    assert missing.kind is Kind.FAILED
    assert "No module named 'no_such_package'" in missing.reason
    masked = with_slice("key = '***'\nassert key == 'right'")
    assert "secrets in its code were masked" in masked.reason
    assert "showed no picture" in with_slice("x = 1").reason
    slow = proved(gf, _with(gf, revision, "while True: pass"), limits=Limits(5))
    assert slow.reason == "it took longer than 5 s"


def _again(one: object) -> object:
    from gofigr_jupyter.schema.figures import DataDraft

    return DataDraft(name=one.name, type=one.type, data=one.bytes(), metadata=one.metadata)  # type: ignore[attr-defined]


def _code(text: str) -> object:
    from gofigr_jupyter.schema.figures import DataDraft

    return DataDraft(name="Slice", type="code", data=text.encode(), metadata={"role": "slice", "local_id": "s"})


def _with(gf: GoFigr, revision: Revision, text: str) -> Revision:
    data = [_again(one) for one in revision.data if one.metadata["role"] == "displayed"]
    figure = gf.find_figure("Dose response", analysis="Trial 7")
    return gf.revisions.create(figure=figure, data=[*data, _code(text)], metadata={})


def test_without_a_slice_the_session_is_run_and_it_says_so(gf: GoFigr, published: Publish) -> None:
    from gofigr_jupyter.schema.figures import DataDraft

    revision = published([IMPORTS, PLOT])
    history = f"# In [1]\n{IMPORTS[1]}\n\n# In [3]\n{PLOT[1]}".encode()
    picture = next(one for one in revision.data if one.metadata["role"] == "displayed")
    piece = DataDraft(name="Jupyter History", type="code", data=history, metadata={"role": "history", "local_id": "h"})
    figure = gf.find_figure("Dose response", analysis="Trial 7")
    without = gf.revisions.create(figure=figure, data=[_again(picture), piece], metadata={})
    verdict = proved(gf, without)
    assert (verdict.kind, verdict.code) == (Kind.IDENTICAL, "history")
    assert any("no slice was recorded" in line for line in verdict.changes.code)


def test_interactive_figures_by_their_data(gf: GoFigr, published: Publish) -> None:
    cells = [(1, "import plotly.graph_objects as go\nfig = go.Figure(go.Bar(y=[1, 2, 3]))\nfig")]
    verdict = proved(gf, published(cells))
    assert (verdict.kind, verdict.reason) == (Kind.IDENTICAL, "identical data") or verdict.reason == "identical bytes"


def test_other_packages_are_told(gf: GoFigr, published: Publish) -> None:
    revision = published([IMPORTS, PLOT])
    item = next(one for one in revision.data if one.metadata["role"] == "environment")
    told = json.loads(item.text())
    told["python"] = "3.9.1"
    for package in told["packages"]:
        if package["name"].lower() in {"numpy", "pytest"}:
            package["version"] = "0.1"
    others = [_again(one) for one in revision.data if one.metadata["role"] != "environment"]
    from gofigr_jupyter.schema.figures import DataDraft

    piece = DataDraft(name="e", type="text", data=json.dumps(told).encode(), metadata={"role": "environment", "local_id": "e"})
    figure = gf.find_figure("Dose response", analysis="Trial 7")
    verdict = proved(gf, gf.revisions.create(figure=figure, data=[*others, piece], metadata={}))
    lines = verdict.changes.said()
    assert any(line.startswith("numpy 0.1 → ") for line in lines)
    assert any(line.startswith("Python 3.9.1 → ") for line in lines)
    assert not any("pytest" in line for line in lines)
    assert verdict.changes.others >= 1


def test_the_verdict_is_kept_and_the_next_one_takes_its_place(gf: GoFigr, published: Publish) -> None:
    revision = published([IMPORTS, (2, "plt.plot(np.random.normal(size=50))")])
    before = {one.api_id for one in revision.data}
    for _ in range(2):
        verdict = proved(gf, revision)
        keep(gf, revision.api_id, verdict)
        found = gf.revisions.get(revision)
        kept = [one for one in found.data if one.metadata["role"] == "proof"]
        assert sorted(one.type for one in kept) == ["image", "text"]
        assert {one.api_id for one in found.data} - {one.api_id for one in kept} == before
        assert found.metadata["verdict"] == verdict.short()
        assert found.metadata["title"] == "Dose response"
        record = next(one for one in kept if one.type == "text")
        told = json.loads(record.text())
        assert told["verdict"] == "differs"
        assert told["pictures"][0]["measure"]["regions"]
        assert "network" in told


def test_whose_code_it_is(gf: GoFigr, published: Publish) -> None:
    revision = published([IMPORTS, PLOT])
    assert stranger(gf, gf.revisions.get(revision)) is None
    for other in (
        revision.model_copy(update={"created_by": "eve"}),
        revision.model_copy(update={"updated_by": "eve"}),
    ):
        assert stranger(gf, other) == "eve"
    imported = revision.model_copy(update={"created_on_behalf": True, "created_on_behalf_name": "Eve"})
    assert stranger(gf, imported) == "Eve"
    assert stranger(gf, revision.model_copy(update={"created_by": None, "updated_by": None})) is not None
