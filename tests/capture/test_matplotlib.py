"""matplotlib figures: read without touching them, drawn again as they were shown."""

from __future__ import annotations

import gc
import io
import os
import pickle
import subprocess
import sys
import threading
import warnings
import weakref
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image, ImageChops

from gofigr_jupyter.capture import matplotlib as capture
from gofigr_jupyter.capture import pickling, rc
from gofigr_jupyter.records import Missing, Source

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path as Outline


@pytest.fixture(autouse=True)
def _clean():
    mpl.rcdefaults()  # tests that ran before in this process may have drawn
    yield
    plt.close("all")
    mpl.rcdefaults()
    mpl.use("agg")


def loaded(source: Source | Missing) -> dict:
    assert isinstance(source, Source), source
    return pickle.loads(source.data)  # noqa: S301 -- made a moment ago


def test_importing_brings_no_plotting_library():
    code = (
        "import sys; from gofigr_jupyter.capture import matplotlib, plotly, mime; "
        "sys.exit(' '.join({'matplotlib', 'plotly', 'PIL', 'numpy', 'cloudpickle'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------- the figure behind what was shown


def test_a_figure_and_its_canvas_lead_to_the_figure():
    figure, _ = plt.subplots()
    assert capture.figure_of(figure) is figure
    assert capture.figure_of(figure.canvas) is figure
    assert capture.figure_of(Figure()) is not None
    assert capture.figure_of("text") is None
    assert capture.figure_of(None) is None


def test_objects_that_raise_are_no_figures():
    class Hostile:
        def __getattr__(self, name):
            raise RuntimeError(name)

    assert capture.figure_of(Hostile()) is None
    assert capture.title(Hostile()) is None
    assert isinstance(capture.source(Hostile()), Missing)


# ---------------------------------------------------------------- titles


def test_an_empty_figure_that_is_shown_as_a_word_is_none():
    figure = plt.figure()
    assert capture.see(figure, {"text/plain": repr(figure)}, {}) is None
    figure.add_subplot()
    assert capture.see(figure, {"text/plain": repr(figure)}, {}) is not None


def test_the_suptitle_comes_first():
    figure, axes = plt.subplots()
    axes.set_title("Axes")
    figure.suptitle("Whole\nfigure")
    assert capture.title(figure) == "Whole figure"


@pytest.mark.parametrize("place", ["left", "center", "right"])
def test_a_single_axes_gives_its_title_wherever_it_stands(place):
    figure, axes = plt.subplots()
    axes.set_title("Rain  in May", loc=place)
    assert capture.title(figure) == "Rain in May"


def test_few_titles_are_joined_and_many_name_nothing():
    figure, axes = plt.subplots(1, 3)
    axes[0].set_title("A")
    assert capture.title(figure) == "A"
    axes[1].set_title("B")
    assert capture.title(figure) == "A · B"
    figure, axes = plt.subplots(2, 2)
    for number, one in enumerate(axes.flat):
        one.set_title(f"Panel {number}")
    assert capture.title(figure) is None


def test_colorbars_and_twins_do_not_confuse():
    figure, axes = plt.subplots()
    axes.twinx()
    bar = figure.colorbar(axes.imshow([[1, 2]]))
    bar.ax.set_title("°C")
    axes.set_title("Temperature")
    assert capture.title(figure) == "Temperature"


def test_subfigures_and_labels_can_name_a_figure():
    figure = plt.figure("Rainfall")
    assert capture.title(figure) == "Rainfall"
    parts = figure.subfigures(1, 2)
    parts[0].suptitle("Left half")
    assert capture.title(figure) == "Left half"
    assert capture.title(plt.figure()) is None


# ---------------------------------------------------------------- the source


def test_loading_registers_nothing_with_pyplot():
    figure, _ = plt.subplots()
    before = plt.get_fignums()
    content = loaded(capture.source(figure))
    assert plt.get_fignums() == before
    assert content["figure"].axes


def test_the_figure_is_left_as_it_was():
    figure, axes = plt.subplots(layout="constrained")
    axes.plot([1, 2])
    figure.canvas.draw()
    canvas, manager, position = figure.canvas, figure.canvas.manager, axes.get_position().bounds
    for stale in (False, True):
        figure.stale = stale
        capture.title(figure), capture.source(figure), capture.snapshot(figure)
        assert figure.stale is stale
        assert figure.canvas is canvas
        assert canvas.manager is manager
        assert axes.get_position().bounds == position
    assert plt.get_fignums() == [1]


def test_no_reference_to_the_figure_stays():
    figure = Figure()
    figure.subplots().plot([1, 2])
    gc.collect()
    gc.disable()
    try:
        capture.source(figure), capture.title(figure)
        figure.marker = type("Marker", (), {})()
        seen = weakref.ref(figure.marker)
        figure.clear()
        del figure.marker
        assert seen() is None
    finally:
        gc.enable()


def test_garbage_collection_is_as_it_was():
    figure = Figure()
    capture.source(figure)
    assert gc.isenabled()
    figure.lock = threading.Lock()
    capture.source(figure)
    assert gc.isenabled()


def test_lambdas_and_local_classes_travel():
    class Formatter(mpl.ticker.Formatter):
        def __call__(self, x, pos=None):
            return f"<{x}>"

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    axes.xaxis.set_major_formatter(lambda x, pos: f"{x} m")
    axes.yaxis.set_major_formatter(Formatter())
    again = loaded(capture.source(figure))["figure"]
    assert again.axes[0].xaxis.get_major_formatter()(3) == "3 m"
    assert again.axes[0].yaxis.get_major_formatter()(3) == "<3>"


def test_callbacks_animations_and_3d_travel():
    figure = plt.figure()
    axes = figure.add_subplot(projection="3d")
    (line,) = axes.plot([1, 2], [1, 2], [1, 2])
    lock = threading.Lock()
    figure.canvas.mpl_connect("button_press_event", lambda event, lock=lock: None)
    from matplotlib.animation import FuncAnimation

    animation = FuncAnimation(figure, lambda frame: [line], frames=2)
    assert loaded(capture.source(figure))["figure"].axes[0].name == "3d"
    animation._draw_was_started = True  # it warns that it was never played


def test_what_cannot_be_pickled_is_missing_with_a_reason():
    figure, _ = plt.subplots()
    figure.lock = threading.Lock()
    source = capture.source(figure)
    assert isinstance(source, Missing)
    assert "pickle" in source.reason
    assert "lock" in source.reason
    assert capture.snapshot(figure).startswith(b"\x89PNG")


def test_a_figure_that_drags_a_session_along_is_missing(monkeypatch):
    monkeypatch.setattr(pickling, "MAX_SOURCE_BYTES", 1_000_000)
    figure, _ = plt.subplots()
    figure.data = np.zeros(1_000_000)
    source = capture.source(figure)
    assert isinstance(source, Missing)
    assert "more than" in source.reason


def test_only_changed_settings_are_kept():
    assert rc.changed_settings() == {}
    mpl.rcParams["font.size"] = 17
    mpl.rcParams["axes.prop_cycle"] = mpl.cycler(color=["red"])
    mpl.rcParams["interactive"] = True
    assert set(rc.changed_settings()) == {"font.size", "axes.prop_cycle"}


def test_warnings_stay_inside():
    class Talkative:
        def __getstate__(self):
            warnings.warn("look at me", UserWarning, stacklevel=1)
            return {"a": 1}

    figure, _ = plt.subplots()
    figure.extra = Talkative()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(capture.source(figure), Source)


def test_how_the_inline_backend_saves_is_kept():
    from matplotlib_inline.config import InlineBackend

    figure, _ = plt.subplots()
    assert capture.save_options(figure) == {}
    backend = InlineBackend.instance()
    try:
        assert capture.save_options(figure) == {"bbox_inches": "tight"}
        backend.print_figure_kwargs.update({"bbox_inches": None, "pad_inches": 0.3, "quality": 90})
        assert loaded(capture.source(figure))["save"] == {"bbox_inches": None, "pad_inches": 0.3}
    finally:
        InlineBackend.clear_instance()


# ---------------------------------------------------------------- drawn again


def drawn(figure, formats, **save) -> dict[str, bytes | Missing]:
    source = capture.source(figure, save=save)
    assert isinstance(source, Source)
    return {item.format: item.data for item in capture.render(source, formats)}


def test_the_picture_is_drawn_again_pixel_for_pixel():
    with mpl.rc_context({"font.size": 13, "axes.facecolor": "#ffeedd"}):
        figure, axes = plt.subplots(facecolor="#334455", dpi=80)
        axes.plot([1, 3, 2])
        axes.set_title("Rain")
        shown = io.BytesIO()
        figure.canvas.print_figure(
            shown, format="png", bbox_inches="tight", dpi=figure.dpi, facecolor=figure.get_facecolor()
        )
        again = drawn(figure, ["png"], bbox_inches="tight")["png"]
    assert isinstance(again, bytes)
    one, other = Image.open(shown).convert("RGB"), Image.open(io.BytesIO(again)).convert("RGB")
    assert one.size == other.size
    assert ImageChops.difference(one, other).getbbox() is None


def test_markers_of_all_kinds_travel():
    figure, axes = plt.subplots(dpi=60)
    filled = [MarkerStyle("o", fill) for fill in MarkerStyle.fillstyles]
    turned = [MarkerStyle("^").rotated(deg=20), MarkerStyle("s", "left", joinstyle="round"), MarkerStyle("+").scaled(2)]
    own = [(5, 1, 30), [(0, 0), (1, 0), (0.5, 1)], "$x^2$", Outline.unit_circle(), None]
    for place, marker in enumerate([*MarkerStyle.markers, *filled, *turned, *own]):
        axes.plot([place], [place % 7], marker=marker, markersize=15)
    shown = io.BytesIO()
    figure.savefig(shown, format="png", dpi=60)
    again = drawn(figure, ["png"])["png"]
    assert isinstance(again, bytes)
    one, other = Image.open(shown).convert("RGB"), Image.open(io.BytesIO(again)).convert("RGB")
    assert ImageChops.difference(one, other).getbbox() is None


def test_who_is_called_back_travels_and_empty_registries_are_made_anew():
    figure, axes = plt.subplots()
    axes.callbacks._connect_picklable("xlim_changed", axes.set_label)  # a method, so that the axes hear of themselves
    given = capture.source(figure)
    assert isinstance(given, Source)
    [again] = pickle.loads(given.data)["figure"].axes  # noqa: S301 - our own
    again.set_xlim(0, 10)
    assert again.get_label() == str(again)
    heard: list[object] = []
    again.title.add_callback(heard.append)
    again.title.set_text("new")
    again.title.pchanged()
    assert heard[-1] is again.title
    with pytest.raises(ValueError, match="pchangd"):
        again.title._callbacks.connect("pchangd", print)


def test_vector_formats_are_the_same_bytes_each_time():
    figure, axes = plt.subplots()
    axes.scatter([1, 2], [3, 4])
    first, second = (drawn(figure, ["svg", "pdf"]) for _ in range(2))
    assert first == second
    assert isinstance(first["svg"], bytes)
    assert b"<svg" in first["svg"]
    assert isinstance(first["pdf"], bytes)
    assert first["pdf"].startswith(b"%PDF")


class Picky(mpl.lines.Line2D):
    """Draws on pixels only."""

    def draw(self, renderer):
        if not isinstance(renderer, mpl.backends.backend_agg.RendererAgg):
            raise TypeError("no vectors please")
        super().draw(renderer)


def test_an_artist_that_fails_costs_its_format_only():
    figure, axes = plt.subplots()
    axes.add_line(Picky([0, 1], [0, 1]))
    made = drawn(figure, ["svg", "png"])
    assert made["svg"] == Missing("drawing failed (TypeError: no vectors please)")
    assert isinstance(made["png"], bytes)


def test_a_source_that_cannot_be_loaded_is_missing_everywhere():
    made = list(capture.render(Source("pickle", b"nonsense"), ["svg", "pdf"]))
    assert [item.format for item in made] == ["svg", "pdf"]
    assert all(isinstance(item.data, Missing) and "loaded again" in item.data.reason for item in made)


def test_a_font_added_by_hand_is_known_again(tmp_path):
    from matplotlib import font_manager

    path = tmp_path / "Own.ttf"
    path.write_bytes(Path(font_manager.findfont("DejaVu Sans Mono")).read_bytes())
    count = len(font_manager.fontManager.ttflist)
    font_manager.fontManager.addfont(str(path))
    try:
        source = capture.source(plt.figure())
        del font_manager.fontManager.ttflist[count:]
        assert isinstance(source, Source)
        list(capture.render(source, ["svg"]))
        assert str(path) in [entry.fname for entry in font_manager.fontManager.ttflist]
    finally:
        del font_manager.fontManager.ttflist[count:]
    assert os.fspath(path) in loaded(source)["fonts"]
