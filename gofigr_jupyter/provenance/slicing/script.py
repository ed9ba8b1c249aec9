"""The steps of a slice as a script that runs by itself: plain Python, cell by cell, in the order in which they ran.

In: steps. Out: text. What IPython does between the lines is written out: it shows the last expression and closes
figures at a cell's end.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence

from gofigr_jupyter.provenance.slicing.backward import Chosen
from gofigr_jupyter.provenance.slicing.trace import Step, Trace

_PYPLOT = '__import__("matplotlib.pyplot").pyplot'
_WHY = "  # as IPython does when a cell ends"


def script_of(trace: Trace, chosen: Chosen, total: int) -> str:
    """The whole text."""
    steps = [(n, trace.steps[n]) for n in chosen.steps]
    count = len(steps)
    lines = [f"# The {count} of {total} statements that made this figure, in the order in which they ran."]
    future, steps = _future_first(steps)
    lines += future
    if any(n in chosen.shows and _is_shown_expression(step) for n, step in steps):
        lines.append("from IPython.display import display")
    lines += _cells(trace, chosen, steps)
    if chosen.at_end and any(step.draws for _, step in steps):
        lines += ["", f"{_pyplot(trace, [step for _, step in steps])}.show()"]
    return "\n".join(lines) + "\n"


def _future_first(steps: list[tuple[int, Step]]) -> tuple[list[str], list[tuple[int, Step]]]:
    """`from __future__` is allowed at the top alone."""
    future = [s.source for _, s in steps if isinstance(s.node, ast.ImportFrom) and s.node.module == "__future__"]
    rest = [(n, s) for n, s in steps if not (isinstance(s.node, ast.ImportFrom) and s.node.module == "__future__")]
    return future, rest


def _cells(trace: Trace, chosen: Chosen, steps: Sequence[tuple[int, Step]]) -> Iterator[str]:
    cell, has_drawn = None, False
    done: list[Step] = []
    for number, step in steps:
        if step.cell is not cell:
            if has_drawn and trace.shows_at_end:
                yield f'{_pyplot(trace, done)}.close("all"){_WHY}'
            cell, has_drawn = step.cell, False
            yield ""
            yield f"# In [{cell.count}]"
        has_drawn = has_drawn or step.draws
        done.append(step)
        names = _names_of_results(trace, [later for later, _ in steps if later > number])
        yield _text(step, names, is_shown=number in chosen.shows)


def _pyplot(trace: Trace, done: Sequence[Step]) -> str:
    """How to speak of pyplot after these steps: by the name that they gave it, if they did."""
    bound = {str(location[1]) for step in done for location in step.effect.kills if location[0] == "name"}
    for name in sorted(bound):
        if {thing.path for thing in trace.globals.get(name, ())} == {"matplotlib.pyplot"}:
            return name
    return _PYPLOT


def _text(step: Step, results: set[str], *, is_shown: bool) -> str:
    if step.has_failed:
        return attempted(step)
    if step.source.startswith("get_ipython()") and isinstance(step.node, ast.Expr):
        return f"try:\n    {step.source}\nexcept NameError:  # not in IPython\n    pass"
    if step.is_last and isinstance(step.node, ast.Expr):
        kept = [name for name in ("_", f"_{step.cell.count}") if name in results]
        if "Out" in results:
            kept.append(f"globals().setdefault('Out', {{}})[{step.cell.count}]")
        if kept:
            return f"{' = '.join(kept)} = (\n{step.source}\n)"
        if is_shown and _is_shown_expression(step):
            return f"display({step.source})" if "#" not in step.source else f"display(\n{step.source}\n)"
    return step.source


def _is_shown_expression(step: Step) -> bool:
    """Whether IPython displayed the value of this statement because it was the cell's last."""
    if not (step.is_last and isinstance(step.node, ast.Expr)):
        return False
    value = step.node.value
    name = getattr(value.func, "attr", getattr(value.func, "id", "")) if isinstance(value, ast.Call) else ""
    return name not in {"show", "display"}


def attempted(step: Step) -> str:
    """A statement that raised in the notebook raises again, after what it did before."""
    inside = textwrap.indent(step.source, "    ")
    text = f"try:  # this raised an exception in the notebook, too\n{inside}\nexcept Exception:\n    pass"
    try:
        same = ast.dump(ast.parse(text).body[0].body[0]) == ast.dump(step.node)  # type: ignore[attr-defined]
    except SyntaxError:
        same = False
    if same:
        return text
    return text.replace(inside, textwrap.indent(ast.unparse(step.node), "    "))  # a text over several lines


def _names_of_results(trace: Trace, numbers: Sequence[int]) -> set[str]:
    """`_`, `_5` or `Out`, where a statement of the slice uses them."""
    read = {str(location[1]) for n in numbers for location in trace.steps[n].effect.reads if location[0] == "name"}
    return {name for name in read if name in {"_", "Out"} or (name[:1] == "_" and name[1:].isdecimal())}
