"""publish, configure, suppress, %gofigr and %config: in a notebook."""

from __future__ import annotations

from pathlib import Path

from tests.extension.conftest import SETUP, Notebook, parked_worker
from tests.kernels import live_kernel


def test_publish_names_the_figure_and_sends_data_along(notebook: Notebook, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("measured on Monday")
    ran, parcels = notebook.run(
        "import pandas as pd\nfrom gofigr_jupyter import publish\n"
        "fig, ax = plt.subplots(); ax.plot([1, 2])\n"
        f"p = publish(fig, name='By name', metadata={{'run': 7}}, dataframes={{'d': pd.DataFrame({{'x': [1]}})}}, files=[{str(file)!r}])\n"
        "print(p.link)"
    )
    assert len(parcels) == len(ran.cards) == 1
    parcel = parcels[0]
    assert parcel.target.figure.name == "By name"
    assert parcel.metadata == {"run": 7}
    assert [(a.name, a.type, a.data) for a in parcel.attachments] == [
        ("d", "dataframe", b"x\n1\n"),
        ("notes.txt", "file", b"measured on Monday"),
    ]
    assert parcel.link in ran.text


def test_publish_without_figure_takes_the_current_one_and_no_other(notebook: Notebook) -> None:
    _, parcels = notebook.run("plt.plot([1, 2]); plt.title('Current'); publish()")
    assert [p.target.figure.name for p in parcels] == ["Current"]
    ran, parcels = notebook.run("publish()", check=False)
    assert "no current figure" in (ran.error or "")
    assert parcels == []
    ran, _ = notebook.run("publish(42)", check=False)
    assert "int is no figure" in (ran.error or "")


def test_publish_and_show_of_a_plotly_figure_are_one_figure(notebook: Notebook) -> None:
    for cell in ("publish(fig, name='Both'); fig.show()", "fig.show(); publish(fig, name='Both')", "publish(fig, name='Both'); fig"):
        ran, parcels = notebook.run("fig = go.Figure(go.Bar(y=np.random.rand(3))); " + cell)
        assert [p.target.figure.name for p in parcels] == ["Both"]
        assert [d.mime_type for d in parcels[0].capture.displayed] == ["application/vnd.plotly.v1+json"]
        assert len(ran.cards) == 1


def test_publish_to_a_target(notebook: Notebook) -> None:
    _, parcels = notebook.run(
        "from gofigr_jupyter import ApiId, FindByName\n"
        "a = Figure(); a.subplots(); publish(a, target=FindByName('Known', create=True))\n"
        "b = Figure(); b.subplots(); publish(b, target=ApiId('12345678-1234-4234-8234-123456789abc'))"
    )
    assert parcels[0].target.figure.name == "Known"
    assert parcels[1].target.figure.api_id == "12345678-1234-4234-8234-123456789abc"


def test_suppressed_figures_are_not_published(notebook: Notebook) -> None:
    ran, parcels = notebook.run(
        "from gofigr_jupyter import suppress\nfig, ax = plt.subplots(); ax.plot([1]); suppress(fig); plt.show()"
    )
    assert len(ran.figures) == 1
    assert ran.cards == parcels == []


def test_off_publishes_only_on_request(notebook: Notebook) -> None:
    try:
        ran, parcels = notebook.run("%gofigr off\nplt.plot([1]); plt.show()")
        assert ran.cards == parcels == []
        ran, parcels = notebook.run("fig, ax = plt.subplots(); ax.plot([2]); publish(fig, name='Asked'); plt.show()")
        assert [p.target.figure.name for p in parcels] == ["Asked"]
        assert len(ran.cards) == 1
    finally:
        notebook.run("%gofigr on")
    _, parcels = notebook.run("plt.plot([3]); plt.show()")
    assert len(parcels) == 1


def test_config_magic(notebook: Notebook) -> None:
    try:
        ran, parcels = notebook.run(
            "%config GoFigr.card = 'off'\n%config GoFigr.analysis = 'Chosen'\n%config GoFigr.formats = ['svg']\n"
            "%config GoFigr.workspace = 'Lab'\nplt.plot([1, 5]); plt.show()"
        )
        assert ran.cards == []
        assert parcels[0].target.analysis.name == "Chosen"
        assert parcels[0].target.workspace.name == "Lab"
        assert parcels[0].formats == ("svg",)
        refused = notebook.kernel.run("%config GoFigr.card = 'huge'", check=False)
        assert "huge" in (refused.text + (refused.error or ""))
    finally:
        notebook.run("from gofigr_jupyter import configure\nconfigure(card='full')")
    ran, _ = notebook.run("plt.plot([1, 6]); plt.show()")
    assert len(ran.cards) == 1


def test_compact_card(notebook: Notebook) -> None:
    ran, _ = notebook.run("%config GoFigr.card = 'compact'\nplt.plot([1, 7]); plt.show()")
    notebook.run("%config GoFigr.card = 'full'")
    assert len(ran.cards) == 1


def test_configure_takes_what_the_official_client_takes(notebook: Notebook) -> None:
    _, parcels = notebook.run(
        "from gofigr_jupyter import FindByName, NotebookName\n"
        "configure(workspace=FindByName('Team', create=False), analysis=NotebookName(), auto_publish=True,\n"
        "          default_metadata={'study': 'A'}, save_pickle=True, watermark=None)\n"
        "plt.plot([1, 8]); plt.show(); configure()"
    )
    assert parcels[0].target.workspace.name == "Team"
    assert parcels[0].metadata["study"] == "A"


def test_a_notebook_of_the_official_client_needs_one_changed_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("publish = 'mine'\n%load_ext gofigr_jupyter")
        kernel.run("configure(workspace=FindByName('Lab', create=True), analysis=NotebookName())")
        assert kernel.value("[publish, callable(suppress), ApiId('x').api_id]") == ["mine", True, "x"]
        assert "configure" not in kernel.run("%who").text
        kernel.run("%unload_ext gofigr_jupyter")
        assert kernel.value("[publish, 'configure' in globals()]") == ["mine", False]


def test_status_and_unknown_verbs(notebook: Notebook) -> None:
    ran, _ = notebook.run("%gofigr")
    assert "published automatically" in ran.text
    assert "outbox" in ran.text
    ran, _ = notebook.run("%gofigr dance")
    assert "unknown" in ran.text


def test_unload_restores_exactly_what_was_there(tmp_path: Path) -> None:
    home = tmp_path / "home"
    inventory = (
        "{'mime': sorted(map(str, {**(f := ip.display_formatter.mimebundle_formatter).type_printers, **f.deferred_printers})),"
        " 'ipd': sorted(map(str, {**(g := ip.display_formatter.ipython_display_formatter).type_printers, **g.deferred_printers})),"
        " 'hooks': len(ip.display_pub._hooks), 'result': len(getattr(ip.displayhook, '_hooks', [])),"
        " 'own': ['finish_displayhook' in vars(ip.displayhook), 'format' in vars(ip.display_formatter), 'publish' in vars(ip.display_pub)], 'conf': sorted(type(c).__name__ for c in ip.configurables),"
        " 'events': {k: sorted(map(repr, v)) for k, v in ip.events.callbacks.items()},"
        " 'names': sorted(n for n in {*ip.user_ns, *ip.user_ns_hidden} if n[0] != '_'),"
        " 'line': sorted(ip.magics_manager.magics['line']), 'registry': sorted(ip.magics_manager.registry),"
        " 'threads': sorted(t.name for t in threading.enumerate() if t.name.startswith('gofigr'))}"
    )
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run(SETUP + "ip = get_ipython()\nplt.plot([1]); plt.show(); go.Figure().show()")
        kernel.run("%load_ext storemagic")  # IPython adds its own magic for extensions at the first of them
        before = kernel.value(inventory)
        kernel.run("%load_ext gofigr_jupyter\nplt.plot([1]); plt.show()")
        kernel.run("go.Figure()")
        assert kernel.value(inventory) != before
        kernel.run("%unload_ext gofigr_jupyter")
        kernel.run(
            "for _ in range(600):  # the thread of fsyncs ends by itself\n"
            "    time.sleep(0.1)\n"
            "    if not any(t.name.startswith('gofigr') for t in threading.enumerate()): break"
        )
        assert kernel.value(inventory) == before
        assert kernel.run("plt.plot([2]); plt.show()").cards == []
        again = kernel.run("%reload_ext gofigr_jupyter\nplt.plot([3]); plt.show()")
        assert len(again.cards) == 1


def test_outputs_are_those_of_a_run_without_us(tmp_path: Path) -> None:
    cells = [
        SETUP,
        "plt.plot([1, 2]); plt.show(); print('x')",
        "fig, ax = plt.subplots(); ax.plot([3]); fig",
        "go.Figure(go.Bar(y=[1, 2])).show()",
        "from IPython.display import Image; import pandas as pd; pd.DataFrame({'a': [1]})",
        "display(1, 2); 1 / 0",
    ]

    def outputs(load: bool) -> list[object]:
        home = tmp_path / ("with" if load else "without") / "home"
        home.mkdir(parents=True)
        with parked_worker(home), live_kernel(home) as kernel:
            if load:
                kernel.run("%load_ext gofigr_jupyter")
            ran = [kernel.run(cell, check=False) for cell in cells]
        return [[(c.get("data"), c.get("metadata")) for c in r.figures] + [r.text, bool(r.error)] for r in ran]

    assert outputs(True) == outputs(False)
