"""Real figures with all that comes with them, posted over the API as the worker posts them."""

from __future__ import annotations

import base64
import io
import json
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure

from gofigr_jupyter.capture import pictures, plotly
from gofigr_jupyter.capture.series import reading
from gofigr_jupyter.records import Source
from tests.server.conftest import API, Client, created

CELL = '''\
import numpy as np
import matplotlib.pyplot as plt
from scipy.optimize import curve_fit

def hill(dose, top, ec50, slope):
    """Response of a receptor to a ligand."""
    return top / (1 + (ec50 / dose) ** slope)

dose = np.logspace(-10, -4, 200)
for name, ec50 in {"isoproterenol": 6e-9, "salbutamol": 2.5e-7, "<b>placebo</b>": 1e-5}.items():
    plt.semilogx(dose, hill(dose, 100, ec50, 1.1), label=f"{name} (EC50 = {ec50:.1e} M)")
plt.xlabel("Concentration / M"); plt.ylabel("Response / %")  # as in the paper
plt.legend(); plt.title("Dose and response")
plt.show()
'''
HISTORY = "\n\n".join(f"# In [{n}]\nrun = load('run-{n:02}.csv')\nrun.describe()" for n in range(1, 12))
DIFF = """\
diff --git a/analysis/fit.py b/analysis/fit.py
index 3b18e51..c9a7f2d 100644
--- a/analysis/fit.py
+++ b/analysis/fit.py
@@ -12,7 +12,8 @@ def hill(dose, top, ec50, slope):
-    return top / (1 + ec50 / dose)
+    # cooperative binding
+    return top / (1 + (ec50 / dose) ** slope)
"""
CSV = "compound,dose_M,response,replicates,assay\n" + "\n".join(
    f"{name},{10.0**-power:.1e},{100 / (1 + power / 6):.2f},3,cAMP"
    for name in ("isoproterenol", "salbutamol")
    for power in range(4, 11)
)
PACKAGES = [
    {"name": name, "version": version, "is_editable": False, "origin": None}
    for name, version in [("numpy", "2.3.5"), ("matplotlib", "3.11.0"), ("scipy", "1.16.3"), ("pandas", "3.1.1")]
] + [
    {"name": "assays", "version": "0.4.dev0", "is_editable": True, "origin": "file:///home/ada/assays"},
    {"name": "lifelines", "version": "0.31", "is_editable": False, "origin": "git+https://github.com/a/b@4f9c1d2"},
]


def item(kind: str, name: str, content: str | bytes, **metadata: Any) -> dict[str, Any]:
    """A data object for a request, with an id that is the same each time."""
    raw = content.encode() if isinstance(content, str) else content
    local_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{name}|{metadata.get('format')}|{metadata.get('role')}"))
    data = base64.b64encode(raw).decode()
    return {"type": kind, "name": name, "metadata": {"local_id": local_id} | metadata, "data": data}


def post(
    client: Client, analysis: str, name: str, items: list[dict[str, Any]], metadata: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A new revision of the figure of that name."""
    figures = client.get(f"{API}/analysis/{analysis}/").json()["figures"]
    known = next((one["api_id"] for one in figures if one["name"] == name), None)
    if known is None:
        known = created(client.post(f"{API}/figure/", json={"name": name, "analysis": analysis}))["api_id"]
    prefix = created(client.post(f"{API}/short_id_prefix/reserve/", json={}))["prefix"]
    body = {"figure": known, "metadata": dict(metadata or {}), "data": items, "short_id": f"{prefix}1"}
    return created(client.post(f"{API}/revision/", json=body | {"client_id": str(uuid.uuid4())}))


def metadata(**more: Any) -> dict[str, Any]:
    """What the worker says of a figure."""
    return {
        "title": "Dose and response",
        "kind": "matplotlib",
        "cell_id": "f1c2",
        "execution_count": 12,
        "notebook_name": "receptor.ipynb",
        "notebook_path": "/home/ada/study/receptor.ipynb",
        "python_version": "3.11.9",
        "backend": "matplotlib",
        "git": {
            "branch": "revision-2",
            "hash": "8c41f0e6a1b2c3d4e5f60718293a4b5c6d7e8f90",
            "remote_url": "https://github.com/ada/receptor",
            "commit_link": "https://github.com/ada/receptor/commit/8c41f0e6a1b2c3d4e5f60718293a4b5c6d7e8f90",
            "is_dirty": True,
        },
        "client": {"name": "gofigr-jupyter", "version": "0.1.0"},
        "secrets_masked": 2,
    } | more


def provenance(cell: str = CELL) -> list[dict[str, Any]]:
    """Code, history, environment, diff and a table, as they come with a figure."""
    environment = {
        "python": "3.11.9",
        "implementation": "CPython",
        "executable": "/home/ada/venv/bin/python",
        "platform": "Linux-6.1-x86_64",
        "packages": PACKAGES,
    }
    return [
        item("code", "Jupyter Cell", cell, role="cell", language="Python", format="jupyter-cell"),
        item("code", "Jupyter History", HISTORY, role="history", format="jupyter-history", language="Python"),
        item("text", "pip freeze", "numpy==2.3.5\nmatplotlib==3.11.0\n", role="packages"),
        item("text", "environment", json.dumps(environment), role="environment", format="json"),
        item("text", "git diff", DIFF, role="git-diff", format="diff"),
        item("dataframe", "doses", CSV, role="attachment", format="csv"),
    ]


@cache
def drawn(figure: Figure) -> list[dict[str, Any]]:
    """A matplotlib figure in all the forms that the worker sends."""
    shown, link = _saved(figure, "png", dpi=144), "http://127.0.0.1:51234/r/abc1"
    size = {"width": int(figure.get_figwidth() * 72), "height": int(figure.get_figheight() * 72)}
    return [
        item("image", "figure", shown, format="png", role="displayed", mime_type="image/png", is_watermarked=False, output_metadata=size),
        item("image", "figure", pictures.watermarked(shown, link), format="png", role="watermark", is_watermarked=True),
        item("image", "figure", pictures.thumbnail(shown), format="webp", role="thumbnail"),
        item("image", "figure", _saved(figure, "svg"), format="svg", role="picture"),
        item("image", "figure", _saved(figure, "pdf"), format="pdf", role="picture"),
        item("file", "figure.pickle", b"\x80\x05.", format="pickle", role="source"),
    ]  # fmt: skip


@cache
def interactive() -> list[dict[str, Any]]:
    """A plotly figure as it comes without a Chrome on the author's machine."""
    text = orbit().to_json(validate=False).encode()
    page = plotly.page(json.loads(text))
    return [
        item("image", "figure", text, format="json", role="displayed", mime_type="application/vnd.plotly.v1+json"),
        item("image", "figure", page, format="html", role="picture"),
    ]


@cache
def plotted() -> list[dict[str, Any]]:
    """The tables of the same figure."""
    source = plotly.source(orbit())
    assert isinstance(source, Source)
    return [
        item("dataframe", one.name, one.data, format="parquet", role="series", rows=one.rows, columns=list(one.columns))
        for one in reading.read(source).tables
    ]


def _saved(figure: Figure, file_format: str, dpi: int = 72) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format=file_format, dpi=dpi)
    return stream.getvalue()


# ---------------------------------------------------------------- the figures


@cache
def dose_response(shift: float = 0.0) -> Figure:
    """Three curves on a logarithmic axis."""
    figure = Figure(figsize=(7.5, 4.8), layout="constrained")
    axes = figure.add_subplot()
    dose = np.logspace(-10, -4, 200)
    noise = np.random.default_rng(3)
    for name, ec50, colour in [
        ("isoproterenol", 6e-9, "#0b7a75"),
        ("salbutamol", 2.5e-7, "#d1495b"),
        ("xamoterol", 4e-6, "#edae49"),
    ]:
        curve = (100 - shift * 20) / (1 + (ec50 / dose) ** 1.1)
        axes.semilogx(dose, curve, color=colour, label=name)
        axes.scatter(dose[::14], curve[::14] + noise.normal(0, 2.5, len(dose[::14])), color=colour, s=16)
    axes.set(title="Dose and response", xlabel="Concentration / M", ylabel="Response / %")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure  # fmt: skip


@cache
def anomalies() -> Figure:
    """A heat map."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    years, _ = np.meshgrid(np.arange(1940, 2025), np.arange(12))
    field = (years - 1985) / 45 + np.random.default_rng(1).normal(0, 0.5, years.shape)
    image = axes.imshow(field, aspect="auto", cmap="RdBu_r", vmin=-2, vmax=2, extent=(1940, 2025, 12, 0))
    axes.set(title="Temperature anomaly, 1940 to 2024", xlabel="Year", ylabel="Month")
    figure.colorbar(image, label="K")
    return figure


@cache
def volcano() -> Figure:
    """Many points."""
    figure = Figure(figsize=(5.5, 5.5), layout="constrained")
    axes = figure.add_subplot()
    rng = np.random.default_rng(7)
    change = rng.normal(0, 1.3, 6000)
    strength = np.abs(change) * rng.gamma(2.0, 1.1, 6000)
    hit = (np.abs(change) > 2) & (strength > 5)
    axes.scatter(change[~hit], strength[~hit], s=4, color="#9aa3ab", alpha=0.5, linewidths=0)
    axes.scatter(change[hit], strength[hit], s=9, color="#c1272d", linewidths=0)
    axes.set(title="Knock-out against wild type", xlabel="log2 fold change", ylabel="−log10 p")
    return figure


@cache
def grid() -> Figure:
    """Sixteen small panels, on a dark ground."""
    with mpl.rc_context({"axes.facecolor": "#10141a", "figure.facecolor": "#10141a", "text.color": "w"}):
        figure = Figure(figsize=(7, 7), layout="constrained")
        t = np.linspace(0, 2 * np.pi, 400)
        for n, axes in enumerate(figure.subplots(4, 4).flat):
            axes.plot(np.sin((n // 4 + 1) * t), np.cos((n % 4 + 1) * t), color="#63d2c6", lw=1)
            axes.set_axis_off()
        figure.suptitle("Lissajous figures")
    return figure


@cache
def ridges() -> Figure:
    """A wide figure."""
    figure = Figure(figsize=(10, 3), layout="constrained")
    axes = figure.add_subplot()
    t = np.linspace(0, 12, 4000)
    axes.plot(
        t, np.sin(2 * t) * np.exp(-t / 8) + np.random.default_rng(2).normal(0, 0.04, 4000), lw=0.7, color="#34495e"
    )
    axes.set(title="Ringdown of the cavity", xlabel="t / µs", ylabel="U / V")
    return figure  # fmt: skip


def orbit() -> go.Figure:
    """A plotly figure."""
    rng = np.random.default_rng(5)
    figure = go.Figure()
    for name, centre in {"setosa": (5.0, 3.4), "versicolor": (5.9, 2.8), "virginica": (6.6, 3.0)}.items():
        x, y = rng.normal(centre[0], 0.35, 50), rng.normal(centre[1], 0.3, 50)
        figure.add_scatter(x=x.round(2).tolist(), y=y.round(2).tolist(), mode="markers", name=name)
    figure.update_layout(title={"text": "Irises"}, xaxis_title="Sepal length / cm", yaxis_title="Sepal width / cm")
    return figure


def hang(client: Client, room: list[dict[str, Any]] | None = None) -> dict[str, str]:
    """An exhibition: two analyses with figures of every sort; the ids of its rooms by name.

    One of the figures has a clean `room`.
    """
    workspace = next(one for one in client.get(f"{API}/workspace/").json() if one["workspace_type"] == "primary")

    def analysis(name: str, description: str) -> str:
        body = {"name": name, "description": description, "workspace": workspace["api_id"]}
        return str(created(client.post(f"{API}/analysis/", json=body))["api_id"])

    receptor = analysis("Receptor study", "Agonists of the β2 receptor, second round of assays.")
    climate = analysis("Climate and signals", "")
    post(client, climate, "Temperature anomaly, 1940 to 2024", drawn(anomalies()), metadata(execution_count=4))
    function = post(
        client, climate, "Ringdown of the cavity", [*drawn(ridges()), *(room or [])], metadata(execution_count=7)
    )
    post(client, climate, "Lissajous figures", drawn(grid()), metadata(execution_count=2))
    post(client, receptor, "Knock-out against wild type", drawn(volcano()), metadata(execution_count=9))
    missing = {"png": "no static picture: no Chrome was found; install Chrome, or run kaleido_get_chrome"}
    irises = post(
        client, receptor, "Irises", [*interactive(), *provenance(), *plotted()],
        metadata(title="Irises", backend="plotly", execution_count=3, missing=missing, secrets_masked=0),
    )  # fmt: skip
    both = post(
        client, receptor, "Irises, both ways",
        [*interactive(), item("image", "figure", _saved(dose_response(), "png"), format="png", role="picture")],
        metadata(),
    )  # fmt: skip
    for shift in (0.4, 0.2):
        post(client, receptor, "Dose and response", drawn(dose_response(shift)), metadata(execution_count=8))
    last = post(
        client, receptor, "Dose and response", [*drawn(dose_response()), *provenance()],
        metadata(missing={"source": "the figure cannot be pickled (a lambda)"}, reviewer="Grace", runs={"n": 3}),
    )  # fmt: skip
    return {
        "workspace": workspace["api_id"],
        "receptor": receptor,
        "figure": last["figure"],
        "revision": last["api_id"],
        "short_id": last["short_id"],
        "irises": irises["api_id"],
        "both": both["api_id"],
        "function": function["api_id"],
    }
