"""Deep Insight under a card: what was asked and answered as the page draws it, and the code that does.

In: answers as the contract has them. Out: plain JSON: short words, and HTML of our own renderer, which the page sifts
again. This file must not know where answers come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gofigr_jupyter.widgets import pane, words

if TYPE_CHECKING:  # pydantic, which no cell must wait for
    from gofigr_jupyter.schema.figures import TableHead
    from gofigr_jupyter.schema.insight import Availability, Changes, Engine, Evidence, ExtractedCode, Preview

_LABEL = 80  # characters
_MOST_CHIPS = 24
_MOST_CHANGES = 12  # of each kind
_LONGEST_SENT = 60_000  # characters of what would be sent that are shown
_MOST_LINES = 400
_TABLES = frozenset({"series", "table"})
# Where the page of a revision shows what is cited by these names.
_SECTIONS = {
    "Code": "code",
    "Figure": "about",
    "Git": "about",
    "Origin": "about",
    "Package": "packages",
    "Packages": "packages",
    "Plotted data": "data",
}
_KINDS = {"metadata": "record"}
_REASONS = {
    "no_engine": "Deep Insight is switched off on this server",
    "disabled": "Deep Insight is switched off on this server",
    "forbidden": "You may not ask about this figure",
    "processing": "The server has not finished with this figure yet",
    "rate_limited": "No questions are left for this month",
}


def module() -> str:
    """The ES module that draws Deep Insight."""
    return pane.module("insight", "answer.js", "sift.js")


# ---------------------------------------------------------------- who answers, and whether


def standing(told: Availability, to: str | None, place: str) -> dict[str, Any]:
    """Whether a question may be asked, in one line; `to` is where a question goes, `place` where the server is.

    `closed` where none may be, `away` where it leaves the server, `counts` where each uses one up.
    """
    if not told.available:
        reason = _REASONS.get(str(told.reason), "Questions cannot be asked now")
        return {"line": f"{reason}{_again(told)}.", "closed": True}
    shown: dict[str, Any] = {"line": f"{_whence(told.engine, to, place)}{_left(told.remaining)}."}
    shown |= {"away": True} if told.engine is not None and not told.engine.is_local else {}
    return shown | ({"counts": True} if told.remaining is not None else {})


def is_computed(engine: Engine | None) -> bool:
    """Whether it only tells what was computed."""
    return engine is not None and engine.name == "facts"


def by(engine: Engine) -> str:
    """Who has answered: a machine, and which."""
    if is_computed(engine):
        return "machine · computed from the record"
    return f"machine · {words.plain(engine.model or engine.name, _LABEL)}"


def consent(seen: Preview) -> dict[str, Any]:
    """What would leave for an answer, and to whom."""
    text = seen.text[:_LONGEST_SENT]
    return {
        "to": words.plain(seen.to, 200) or "another machine",
        "model": words.plain(seen.engine.model or seen.engine.name, _LABEL),
        "size": words.size(len(seen.text.encode())),
        "picture": seen.picture,
        "text": text if text == seen.text else f"{text}\n…",
    }


def _whence(engine: Engine | None, to: str | None, place: str) -> str:
    if engine is None or is_computed(engine):
        return f"Answered from the figure's record, {place}"
    model = words.plain(engine.model, _LABEL) or "unnamed"
    if engine.is_local:
        return f"Answered by model {model}, {place}"
    return f"Sends the record of this figure to {words.plain(to, 200) or 'another machine'}, model {model}"


def _left(remaining: int | None) -> str:
    if remaining is None:
        return ""
    return f"; {remaining:,} question{'' if remaining == 1 else 's'} left this month"


def _again(told: Availability) -> str:
    when = told.resets_on
    return f"; ask again from {when.day} {when:%B %Y}" if when is not None and told.reason == "rate_limited" else ""


# ---------------------------------------------------------------- what an answer rests on


def chips(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """What can be opened below an answer, in the order of `evidence`."""
    return [_chip(at, one) for at, one in enumerate(evidence[:_MOST_CHIPS])]


def is_in_place(one: Evidence) -> bool:
    """Whether it is shown below the answer; all else is on a page of the server."""
    return one.kind == "code" or (one.kind in _TABLES and bool(one.ref.data))


def page_of(one: Evidence, revision: str) -> str:
    """The page that shows what was cited: a path on the server."""
    if one.kind in _TABLES and one.ref.data:
        return f"/table/{quote(one.ref.data, safe='')}"
    if one.ref.cdn_key:
        return f"/cdn/{quote(one.ref.cdn_key)}"
    place = "code" if one.kind == "code" else _SECTIONS.get(one.label, "")
    return f"/revision/{quote(one.ref.revision or revision, safe='')}" + (f"#{place}" if place else "")


def listing(code: ExtractedCode, lines: tuple[int, int] | None = None) -> dict[str, Any]:
    """Code to be shown in place: all of it, or these lines; `first` is the number of the first."""
    all_lines = code.code.splitlines()
    first, last = lines or (1, len(all_lines))
    first = min(max(1, first), max(1, len(all_lines)))
    shown = all_lines[first - 1 : max(first, last)][:_MOST_LINES]
    rest = (min(last, len(all_lines)) - first + 1) - len(shown)
    found = {"text": "\n".join(shown), "first": first, "rest": rest if rest > 0 else 0}
    return {name: value for name, value in found.items() if value}


def table(head: TableHead) -> dict[str, Any]:
    """Rows to be shown in place, their cells as text."""
    rows = [[_side(cell) if cell is not None else "" for cell in row] for row in head.rows]
    shown = {"columns": [words.plain(name, _LABEL) for name in head.columns], "rows": rows, "cut": head.is_cut}
    return {name: value for name, value in shown.items() if value}


def _chip(at: int, one: Evidence) -> dict[str, Any]:
    kind = words.plain(str(one.kind), 20)
    shown: dict[str, Any] = {
        "n": at,
        "kind": _KINDS.get(kind, kind),
        "label": words.plain(one.label, _LABEL) or kind,
        "here": is_in_place(one),
    }
    if one.ref.lines is not None and one.kind == "code":
        first, last = one.ref.lines
        shown["where"] = f"line {first}" if first == last else f"lines {first}-{last}"
    return {name: value for name, value in shown.items() if value or name == "n"}


# ---------------------------------------------------------------- what changed


def differences(changes: Changes) -> list[dict[str, Any]]:
    """What differs between two revisions, each kind under a heading; nothing for kinds that are the same."""
    found = [
        {"what": "Code", "lines": _told([_hunk(one) for one in changes.code])},
        {"what": "Input files", "lines": _told([_entry(one, "path") for one in changes.inputs])},
        {"what": "Packages", "lines": _told([_entry(one, "name") for one in changes.packages])},
        {"what": "Plotted data", "lines": _told([_value(one) for one in changes.data])},
    ]
    if changes.picture is not None and changes.picture.differing_pixels:
        count = changes.picture.differing_pixels
        pixels = "1 pixel differs" if count == 1 else f"{count:,} pixels differ"
        found.append({"what": "Picture", "lines": [pixels]})
    return [one for one in found if one["lines"]]


def _told(lines: list[str]) -> list[str]:
    shown = [line for line in lines if line]
    rest = len(shown) - _MOST_CHANGES
    return shown if rest <= 0 else [*shown[:_MOST_CHANGES], f"and {rest} more"]


def _hunk(one: Any) -> str:
    match one:
        case {"change": change, "lines": [int(first), int(last)]}:
            where = f"line {first}" if first == last else f"lines {first}-{last}"
            return words.plain(f"{change} at {where}", _LABEL)
    return ""


def _entry(one: Any, key: str) -> str:
    if not isinstance(one, Mapping) or key not in one:
        return ""
    name = str(one[key])
    label = name.rpartition("/")[2] if key == "path" else name
    return words.plain(f"{label}: {_sides(one)}", 2 * _LABEL)


def _value(one: Any) -> str:
    if not isinstance(one, Mapping):
        return ""
    place = " · ".join(str(one[key]) for key in ("table", "series", "column") if one.get(key))
    what = f" {one['what']}" if one.get("what") else ""
    return words.plain(f"{place}:{what} {_sides(one)}", 2 * _LABEL)


def _sides(one: Mapping[str, Any]) -> str:
    if one.get("change") != "changed" or "before" not in one:
        return str(one.get("change", "changed"))
    return f"{_side(one['before'])} → {_side(one.get('after'))}"


def _side(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "nothing" if value is None else words.plain(str(value), 40)
