"""The drawing process: warm, and nothing that a figure does to it costs more than the form in hand."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
import psutil
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gofigr_jupyter.capture import matplotlib, plotly
from gofigr_jupyter.records import (
    Capture,
    Displayed,
    Missing,
    Parcel,
    Provenance,
    Ref,
    Rendition,
    Source,
    Target,
)
from gofigr_jupyter.worker import render
from gofigr_jupyter.worker.render import Renderer
from tests.capture.test_pictures import PLAIN
from tests.waiting import until

pytestmark = pytest.mark.slow

LINK = "http://127.0.0.1:45123/r/aB3dE9x1"
SHOWN = (Displayed("image/png", PLAIN),)
ALL = ("svg", "pdf", "html", "json", "watermark", "thumbnail")


@pytest.fixture(scope="module")
def renderer():
    renderer = Renderer(timeout=40, idle=60)
    yield renderer
    renderer.close()


def parcel(capture: Capture, formats: tuple[str, ...] = ALL, working_dir: str = "") -> Parcel:
    target = Target(None, None, Ref(), Ref(), Ref())
    return Parcel(
        client_id="00000000-0000-4000-8000-000000000000",
        created_at=datetime.now(UTC),
        target=target,
        capture=capture,
        provenance=Provenance(*[Missing("-")] * 5),
        link=LINK,
        formats=formats,
        working_dir=working_dir,
    )


def shown(figure: Figure) -> Capture:
    return Capture("matplotlib", None, SHOWN, matplotlib.source(figure))


def drawing(*artists: Line2D) -> Figure:
    mpl.use("agg")
    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 3, 2])
    for artist in artists:
        axes.add_line(artist)
    return figure


def by_name(made: list[Rendition]) -> dict[str, bytes | Missing]:
    return {item.format if item.role == "picture" else item.role: item.data for item in made}


def reasons(made: list[Rendition]) -> dict[str, str]:
    return {name: data.reason for name, data in by_name(made).items() if isinstance(data, Missing)}


def child(renderer: Renderer) -> psutil.Process:
    (resting,) = renderer._resting.values()
    return psutil.Process(resting._process.pid)


class Misbehaving(Line2D):
    """Does something to the process while it is drawn as SVG or PDF."""

    deed = ""

    def draw(self, renderer):
        exec(self.deed)  # noqa: S102 -- hostile on purpose
        Line2D.draw(self, renderer)


def doing(deed: str) -> Capture:
    line = Misbehaving([0, 1], [0, 1])
    line.deed = deed
    # by value, as a class of the notebook would be
    Misbehaving.__module__ = "__main__"
    try:
        return shown(drawing(line))
    finally:
        Misbehaving.__module__ = __name__


# ---------------------------------------------------------------- the good days


def test_all_forms_come_from_one_warm_process_at_the_lowest_priority(renderer):
    made = by_name(renderer.render(parcel(shown(drawing()))))
    assert list(made) == ["thumbnail", "watermark", "fingerprint", "svg", "pdf"]
    assert all(isinstance(data, bytes) for data in made.values())
    first = child(renderer)
    assert first.nice() == 19
    started = time.perf_counter()
    renderer.render(parcel(shown(drawing())))
    assert time.perf_counter() - started < 60
    assert child(renderer).pid == first.pid


def test_a_picture_of_any_other_kind(renderer):
    made = by_name(renderer.render(parcel(Capture("mime", None, SHOWN, Missing("only the picture was shown")))))
    assert list(made) == ["thumbnail", "watermark", "fingerprint"]
    assert all(isinstance(data, bytes) for data in made.values())


def test_classes_and_modules_of_the_author_are_found_and_not_kept(renderer, tmp_path):
    """A script of its own, with a class in __main__, a lambda, and a module beside it that changes in between."""
    script = tmp_path / "analysis.py"
    script.write_text(
        textwrap.dedent("""
        import pickle, sys
        import matplotlib; matplotlib.use("agg")
        from matplotlib import pyplot as plt
        from matplotlib.lines import Line2D
        from gofigr_jupyter.capture import matplotlib as capture
        import house

        class Mine(Line2D):
            pass

        figure, axes = plt.subplots()
        axes.add_line(Mine([0, 1], [0, 1]))
        axes.add_line(house.Line([0, 1], [1, 0]))
        axes.xaxis.set_major_formatter(lambda x, pos: f"{x:.0f} m")
        source = capture.source(figure)
        sys.stdout.buffer.write(pickle.dumps((source.data, source.path)))
        """)
    )
    house = tmp_path / "house.py"
    for gid in ("first-build", "second-build"):
        house.write_text(
            "from matplotlib.lines import Line2D\n"
            f"class Line(Line2D):\n    def get_gid(self):\n        return {gid!r}\n"
        )
        os.utime(house, (time.time() + len(gid), time.time() + len(gid)))
        import pickle

        env = os.environ | {"PYTHONPATH": str(Path(matplotlib.__file__).parents[2])}
        output = subprocess.run([sys.executable, str(script)], capture_output=True, check=True, env=env).stdout
        data, path = pickle.loads(output)  # noqa: S301 -- written by the script above
        source = Source("pickle", data, sys.executable, path)
        made = by_name(renderer.render(parcel(Capture("matplotlib", None, SHOWN, source), ("svg",))))
        assert isinstance(made["svg"], bytes), made
        assert gid.encode() in made["svg"]


def test_the_process_ends_when_idle_and_when_closed():
    renderer = Renderer(idle=0.3)
    renderer.render(parcel(shown(drawing()), ("thumbnail",)))
    process = child(renderer)
    process.wait(timeout=60)
    renderer.render(parcel(shown(drawing()), ("thumbnail",)))
    process = child(renderer)
    renderer.close()
    process.wait(timeout=60)


def test_giving_up_halfway_leaves_no_process_behind():
    renderer = Renderer()
    others = set(psutil.Process().children())
    stream = renderer.stream(parcel(shown(drawing())))
    next(stream)
    (process,) = set(psutil.Process().children()) - others
    stream.close()
    assert not renderer._resting
    process.wait(timeout=60)


# ---------------------------------------------------------------- the bad days


def test_printing_does_not_disturb_the_conversation(renderer):
    deed = "import os, sys; print('x' * 100_000); sys.stdout.flush(); os.write(1, b'noise'); os.read(0, 10)"
    assert reasons(renderer.render(parcel(doing(deed)))) == {}


def test_a_form_that_hangs_costs_that_form_only():
    renderer = Renderer(timeout=10)  # the first form after it has a new process, which imports all it needs
    try:
        hang = "import time\nif 'svg' in str(vars(renderer)).lower(): time.sleep(3600)"
        started = time.perf_counter()
        made = renderer.render(parcel(doing(hang)))
        assert time.perf_counter() - started < 200
        assert reasons(made) == {"svg": "it took longer than 10 s"}
    finally:
        renderer.close()


def test_a_crash_costs_that_form_only(renderer):
    made = renderer.render(parcel(doing("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")))
    crashed = "the drawing process crashed (SIGSEGV)"
    assert reasons(made) == {"svg": crashed, "pdf": crashed}
    assert reasons(renderer.render(parcel(shown(drawing())))) == {}


def test_a_figure_that_ends_the_process_costs_that_form_only(renderer):
    assert reasons(renderer.render(parcel(doing("import os; os._exit(7)"), ("svg", "thumbnail")))) == {
        "svg": "the drawing process ended (7)"
    }
    made = reasons(renderer.render(parcel(doing("raise SystemExit(3)"), ("svg", "thumbnail"))))
    assert set(made) == {"svg"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't say who waits for a processor")
def test_who_waits_for_a_processor_is_told_from_who_sleeps():
    for code, expected in (("while True: pass", True), ("import time; time.sleep(600)", False)):
        process = subprocess.Popen([sys.executable, "-c", f"print(1, flush=True)\n{code}"], stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            process.stdout.readline()
            until(lambda: render._activity(process.pid).is_runnable is expected)  # noqa: B023 - called at once
        finally:
            process.kill()
            process.communicate()
    assert render._activity(process.pid) == (False, 0.0, 0.0)


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this system does not count it")
def test_the_time_that_was_spent_waiting_for_a_processor_is_known():
    rivals = [psutil.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        for rival in rivals:
            rival.cpu_affinity([min(os.sched_getaffinity(0))])
        until(lambda: all(render._activity(rival.pid).waited > 0.2 for rival in rivals), 60)
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()


@pytest.mark.parametrize(
    ("elapsed", "is_runnable", "used", "waited", "more"),
    [
        (10.0, False, 0.0, 0.0, 0.0),  # sleeps
        (10.0, True, 9.9, 0.1, 0.2),  # works, and has all but all of a processor ...
        (10.2, True, 10.0, 0.1, 0.0),  # ... and is too slow
        (10.0, True, 6.0, 4.0, 4.0),  # has had to share it: alone, it would be at the sixth second
        (10.0, False, 6.0, 3.0, 3.0),  # the same, sleeping for an instant: it has slept one second of the ten
        (30.0, True, 6.0, 14.0, 1.0),  # has waited since who knows when
        (30.0, False, 6.0, 14.0, 0.0),  # has slept for ten seconds
        (200.0, True, 1.0, 199.0, 0.0),  # there is an end to patience
    ],
)
def test_a_form_has_the_time_that_it_would_need_alone(elapsed, is_runnable, used, waited, more):
    before, now = render._Activity(True, 5.0, 7.0), render._Activity(is_runnable, 5.0 + used, 7.0 + waited)
    assert render._more(10.0, elapsed, before, now) == pytest.approx(more)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't enforce the limit")
def test_memory_is_limited():
    renderer = Renderer(memory=3 * 1024**3)
    try:
        made = reasons(renderer.render(parcel(doing("bytearray(4 * 1024 ** 3)"))))
        assert set(made) == {"svg", "pdf"}
        assert "MemoryError" in made["svg"]
    finally:
        renderer.close()


def test_an_interpreter_that_is_gone_leaves_the_displayed_picture(renderer):
    source = shown(drawing()).source
    assert isinstance(source, Source)
    gone = Source("pickle", source.data, "/no/such/python", source.path)
    made = renderer.render(parcel(Capture("matplotlib", None, SHOWN, gone)))
    assert set(reasons(made)) == {"svg", "pdf"}
    assert "/no/such/python" in reasons(made)["svg"]


def test_a_folder_that_is_gone_is_no_hindrance(renderer, tmp_path):
    assert reasons(renderer.render(parcel(shown(drawing()), working_dir=str(tmp_path / "gone")))) == {}


def test_no_credentials_reach_the_process(monkeypatch):
    monkeypatch.setenv("GF_API_KEY", "secret")
    renderer = Renderer()
    try:
        renderer.render(parcel(shown(drawing()), ("thumbnail",)))
        assert "GF_API_KEY" not in child(renderer).environ()
    finally:
        renderer.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads the parent's process table")
def test_the_process_follows_a_worker_that_is_killed(tmp_path):
    begun = tmp_path / "begun"
    code = textwrap.dedent("""
        import sys
        from tests.worker import test_render as t
        renderer = t.Renderer()
        renderer.render(t.parcel(t.shown(t.drawing()), ("thumbnail",)))
        print(t.child(renderer).pid, flush=True)
        deed = f"import time; open({sys.argv[1]!r}, 'w').close(); time.sleep(1000)"
        for _ in renderer.stream(t.parcel(t.doing(deed), ("svg",))): pass
    """)
    root = str(Path(matplotlib.__file__).parents[2])
    worker = subprocess.Popen(
        [sys.executable, "-c", code, str(begun)], stdout=subprocess.PIPE, cwd=root, env=os.environ | {"PYTHONPATH": root}
    )
    assert worker.stdout is not None
    process = psutil.Process(int(worker.stdout.readline()))
    until(begun.exists, 60)  # it hangs in the job now
    worker.kill()
    worker.wait()
    worker.stdout.close()
    process.wait(timeout=60)


# ---------------------------------------------------------------- plotly


def test_plotly_gets_a_page_and_a_picture(renderer, chromium, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", chromium)
    renderer.close()
    source = Source("plotly", b'{"data":[{"y":[1,3,2]}],"layout":{"title":{"text":"T"}}}')
    made = by_name(renderer.render(parcel(Capture("plotly", "T", (), source))))
    assert list(made) == ["html", "json", "png", "thumbnail", "watermark", "fingerprint"]
    assert all(isinstance(data, bytes) for data in made.values()), reasons_of(made)
    browsers = [p for p in child(renderer).children(recursive=True) if "chrom" in p.name()]
    assert browsers
    renderer.close()
    assert not psutil.wait_procs(browsers, timeout=60)[1], "the browser outlives the process"


def test_without_a_chrome_the_page_is_there_and_the_picture_says_what_to_do(renderer, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/no/such/chrome")
    renderer.close()
    source = plotly.source({"data": [{"y": [1]}], "layout": {}})
    made = by_name(renderer.render(parcel(Capture("plotly", None, (), source))))
    assert isinstance(made["html"], bytes)
    assert all("Chrome" in text for text in reasons_of(made).values())
    assert set(reasons_of(made)) == {"png", "thumbnail", "watermark", "fingerprint"}
    renderer.close()


def reasons_of(made: dict[str, bytes | Missing]) -> dict[str, str]:
    return {name: data.reason for name, data in made.items() if isinstance(data, Missing)}
