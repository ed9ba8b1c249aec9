"""What cards cost whoever opens a notebook in JupyterLab, and how long until a thread stands under one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.settings import Settings
from tests.benchmarks.numbers import median, p95
from tests.benchmarks.rows import Effort, Pair, Row
from tests.benchmarks.variants import PLAIN, THIS, Variant, temporary_folder
from tests.browser.chromium import find_chromium
from tests.browser.notebook import Notebook, launch
from tests.browser.site import Site, start_site, write_notebook
from tests.server.processes import Server

CARDS, COMMENTS = 30, 200
ADDED, THREAD = 150, 300  # ms
# Twice: of more than 50 outputs of a cell JupyterLab shows the first alone.
DRAWN = f"""
import matplotlib.pyplot as plt
for n in range({CARDS // 2}):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([1, 2, n]); axes.set_title(f"Figure {{n}}"); plt.show()
"""
# From the command to the frame in which all outputs stand; where a card must be live for that, it is.
OPEN = """async ([path, outputs, live]) => {
  const began = performance.now();
  jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook', kernelPreference: {shouldStart: live}});
  const frame = () => new Promise(requestAnimationFrame);
  const count = (selector) => document.querySelectorAll(`.jp-NotebookPanel:not(.lm-mod-hidden) ${selector}`).length;
  const isThere = () => count('.jp-OutputArea-output img') >= outputs && (!live || count('.gofigr-card .gofigr-tools') >= outputs);
  while (!isThere()) {
    if (performance.now() - began > 20000) throw new Error('it does not open');
    await frame();
  }
  await frame();
  await frame();
  return performance.now() - began;
}"""
CLOSE = """async () => {
  const {shell} = jupyterapp;
  for (const one of [...shell.widgets('main')]) if (one.context?.path?.endsWith('.ipynb')) one.close();
  await new Promise((resolve) => setTimeout(resolve, 1500));
}"""
WATCH = """([count]) => {
  window.took = null;
  let began = null;
  document.addEventListener('click', (event) => (began ??= event.timeStamp), true);
  const look = () => {
    if (document.querySelectorAll('.gofigr-entry').length < count || began === null) return requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(() => (window.took = performance.now() - began)));
  };
  look();
}"""


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """Rows for cards that stand in the file, for cards that come to life, and for a thread."""
    del variants  # the browser's kernels are of this environment
    chromium, tried = find_chromium()
    if chromium is None:
        raise RuntimeError(f"there is no Chromium here: {'; '.join(tried)}")
    with temporary_folder() as home, Server(home).wait() as server, launch(chromium) as browser:
        signed_in = {"GF_URL": server.local.url, "GF_API_KEY": server.local.token}
        settings = Settings(home=home, url=server.local.url, api_key=server.local.token)
        with _site(home, signed_in) as site, GoFigr(settings=settings) as gf:
            page = browser.new_page(viewport={"width": 1100, "height": 900})
            return [*_opened(page, site, effort), *_threads(page, site, gf, effort)]


@contextmanager
def _site(home: Path, environment: Mapping[str, str]) -> Iterator[Site]:
    root, state = home / "notebooks", home / "state"
    root.mkdir()
    state.mkdir()
    site = start_site("lab", root, state, environment)
    try:
        yield site
    finally:
        site.stop()


# ---------------------------------------------------------------- opening a notebook


def _opened(page: Page, site: Site, effort: Effort) -> Iterator[Row]:
    names = {PLAIN: "plain.ipynb", THIS: "cards.ipynb"}
    write_notebook(site.root / names[PLAIN], DRAWN, DRAWN)
    write_notebook(site.root / names[THIS], "%load_ext gofigr_jupyter", DRAWN, DRAWN)
    for name in names.values():
        notebook = Notebook(page, site, name)
        notebook.run_all()
        page.wait_for_timeout(8000)  # the figures are published, and the kernel does nothing more
        notebook.save()
    for what, is_live in (("all cards live, beside its kernel", True), ("as it was saved, without a kernel", False)):
        if not is_live:
            site.shut_kernels()
        page.evaluate(CLOSE)
        pairs = [_pair(page, names, turn, is_live=is_live) for turn in range(effort.repeats + effort.warmups)]
        pairs = pairs[effort.warmups :]
        added = [pair.variant - pair.plain for pair in pairs]
        values = {
            PLAIN: f"{median([pair.plain for pair in pairs]):.0f} ms",
            THIS: f"{median(added):+.0f} ms (p95 {p95(added):+.0f})",
        }
        yield Row(f"Opening a notebook of {CARDS} figures, {what}", f"≤ +{ADDED} ms", values, median(added) <= ADDED)


def _pair(page: Page, names: Mapping[str, str], turn: int, *, is_live: bool) -> Pair:
    """Both, one after the other; who is first takes turns."""
    took = {}
    for variant in (PLAIN, THIS) if turn % 2 else (THIS, PLAIN):
        live = is_live and variant == THIS
        took[variant] = page.evaluate(OPEN, [names[variant], CARDS, live])
        page.evaluate(CLOSE)
    return Pair(took[PLAIN], took[THIS])


# ---------------------------------------------------------------- opening a thread


def _threads(page: Page, site: Site, gf: GoFigr, effort: Effort) -> Iterator[Row]:
    loading = "%load_ext gofigr_jupyter\nimport matplotlib.pyplot as plt"
    write_notebook(site.root / "thread.ipynb", loading, "plt.plot([1, 3, 2])\nplt.title('Talk');")
    notebook = Notebook(page, site, "thread.ipynb")
    notebook.run_all()
    page.locator(".gofigr-card:is([data-state=published], [data-state=complete])").wait_for(timeout=60_000)
    notebook.save()
    [hit] = gf.search("Talk", types=["figure"])
    revision = gf.figures.get(hit.object.api_id).revisions[-1]
    for number in range(COMMENTS):
        gf.comments.create(("figure_revision", revision.api_id), f"Comment **{number}** about `x`")
    first = _clicked(page, notebook, waits=0)
    hovered, at_once = [], []
    for _ in range(effort.repeats):
        for times, waits in ((hovered, 1000), (at_once, 0)):
            notebook.reload()
            times.append(_clicked(page, notebook, waits=waits))
    told = f"{median(hovered):.0f} ms (p95 {p95(hovered):.0f}); clicked without a pause over the button "
    told += f"{median(at_once):.0f} ms; the first of a session {first:.0f} ms"
    label = f"A thread of {COMMENTS} comments, from the click to the paint"
    yield Row(label, f"≤ {THREAD} ms", {THIS: told}, median(hovered) <= THREAD)


def _clicked(page: Page, notebook: Notebook, *, waits: int) -> float:
    button = notebook.card().get_by_role("button", name="Comments")
    button.wait_for(timeout=60_000)
    page.evaluate(WATCH, [COMMENTS])
    if waits:
        button.hover()
        page.wait_for_timeout(waits)
    button.click()
    page.wait_for_function("() => window.took !== null", timeout=60_000)
    took: float = page.evaluate("() => window.took")
    return took
