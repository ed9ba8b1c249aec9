"""The card under a figure: name, revision, how far it has come, link, downloads.

In: a CardState for each change. Out: static HTML that stands in a saved notebook, and a face that brings it to life
where a page has this kernel. No token ever enters it: clicks go to the function that it was given.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from gofigr_jupyter.records import Download, Receipt, State
from gofigr_jupyter.widgets import insight, thread, words
from gofigr_jupyter.widgets.live import PAGES

HTML_LIMIT = 1500  # bytes; what one card may take of a saved notebook as HTML


@dataclass(frozen=True)
class CardState:
    """All that a card shows. `state` is a records.State; `missing` tells why a format is not there.

    Of the `inputs` files that were read, `asks` wait for somebody's word to be sent; `changed` are no longer the same.
    """

    name: str
    state: str = State.SAVED
    link: str = ""
    short_id: str | None = None
    revision_number: int | None = None
    size_bytes: int | None = None
    problem: str | None = None
    advice: str | None = None
    masked: int = 0
    downloads: tuple[Download, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False
    inputs: int = 0
    asks: int = 0
    changed: tuple[str, ...] = ()
    proof: str = ""  # what came of making it again, in words
    cdn: str = ""  # where its picture is on a CDN
    cdn_waits: str = ""  # why it is not there yet
    wants_picture: bool = False  # the page is asked to draw what it shows above

    @classmethod
    def of(cls, receipt: Receipt, *, masked: int = 0, unchanged: bool = False) -> CardState:
        """What a receipt says, ready to be shown."""
        return cls(
            name=receipt.figure_name,
            state=receipt.state,
            link=receipt.link,
            short_id=receipt.short_id,
            revision_number=receipt.revision_number,
            size_bytes=receipt.size_bytes,
            problem=receipt.problem,
            advice=receipt.advice,
            masked=masked,
            downloads=receipt.downloads,
            missing=receipt.missing,
            unchanged=unchanged,
            cdn=receipt.cdn.address if receipt.cdn is not None else "",
            cdn_waits=receipt.cdn_waits or "",
        )

    @property
    def is_troubled(self) -> bool:
        """Whether the reader should know of a problem."""
        return self.state in {State.WAITING, State.FAILED}


class Card:
    """A live card. `on_request` answers clicks: {"ask": "open" | "retry" | "inputs" | "verify" | "download"}, the last
    of them with "id" and "name", and {"ask": "thread" | "insight"} with "do", the card's "key" and what that deed
    needs.

    It runs in a thread of its own and returns {"url": ...} for a new tab, {} for done or {"problem": ...}.
    """

    def __init__(
        self, state: CardState, compact: bool, on_request: Callable[[dict[str, Any]], Mapping[str, Any]]
    ) -> None:
        self._state = state
        self._compact = compact
        self._on_request = on_request
        self._key = secrets.token_hex(6)
        PAGES.show(self._key, face(state, compact), self._answer)

    @property
    def key(self) -> str:
        """By which pages know it."""
        return self._key

    @property
    def state(self) -> CardState:
        """What it shows now."""
        return self._state

    def update(self, state: CardState) -> None:
        """Show another state: one small message to the page, from any thread."""
        self._state = state
        PAGES.show(self._key, face(state, self._compact), self._answer)

    def bundle(self) -> dict[str, Any]:
        """What to display, and to update the display with, so that the saved notebook knows the last state."""
        return {
            "text/plain": card_text(self._state),
            "text/html": card_html(self._state, self._compact, key=self._key),
        }

    def close(self) -> None:
        """Let go of it, once the output that it stood in is gone."""
        PAGES.forget(self._key)

    def _answer(self, request: dict[str, Any]) -> Mapping[str, Any]:
        match request:
            case {"ask": "download", "id": str(api_id)}:
                known = next((d for d in self._state.downloads if d.api_id == api_id), None)
                if known is None:
                    return {"problem": "This form is no longer there"}
                name = words.file_name(self._state.name, known)
                return self._on_request({"ask": "download", "id": api_id, "name": name})
            case {"ask": "thread", "do": "code"}:
                return {"code": thread.module()}
            case {"ask": "insight", "do": "code"}:
                return {"code": insight.module()}
            case {"ask": "thread" | "insight", "do": str()}:
                return self._on_request({**request, "key": self._key})
            case {"ask": "picture", "data": str(url)}:
                return self._on_request({"ask": "picture", "data": url})
            case {"ask": "open" | "retry" | "inputs" | "verify" | "ready" as ask}:
                return self._on_request({"ask": ask})
        return {"problem": "Unknown request"}


def face(state: CardState, compact: bool) -> dict[str, Any]:
    """What the page draws: words ready to be shown, nothing empty, nothing secret."""
    link = words.web_link(state.link)
    shown: dict[str, Any] = {
        "name": _name(state, 160),
        "revision": _revision(state),
        "state": "unchanged" if state.unchanged and not state.is_troubled else str(state.state),
        "said": words.said(state.state, state.unchanged),
        "link": link,
        "label": words.link_label(link) if link else "",
        "short": words.plain(state.short_id, 24),
        "cdn": words.web_link(state.cdn),
    }
    if state.is_troubled:
        shown["problem"] = words.plain(state.problem, 300)
        shown["advice"] = words.plain(state.advice, 300)
    shown["wants"] = state.wants_picture
    shown["facts"] = _facts(state, compact)
    if not compact:
        shown["asks"] = words.sending(state.asks)
        shown["downloads"] = [[words.form(d), d.api_id, words.size(d.size_bytes)] for d in state.downloads]
        shown["missing"] = [words.without(form, why) for form, why in state.missing.items()]
        shown["verify"] = state.state == State.COMPLETE
        shown["thread"] = state.state != State.FAILED  # what is said before the figure has arrived, follows it
    return {name: value for name, value in shown.items() if value}


def card_text(state: CardState) -> str:
    """The card in one line, for terminals and screen readers."""
    said = words.said(state.state, state.unchanged)
    parts = (_name(state, 160), _revision(state), said, words.web_link(state.link))
    return " · ".join(part for part in parts if part)


def card_html(state: CardState, compact: bool, *, key: str = "") -> str:
    """The card for the saved notebook: no script, no style sheet, at most 1.5 KB, in the page's own colours.

    Its meaning stands in bare tags, for sites that strip every style. With a `key`, pages can bring it to life.
    """
    for limit in (160, 80, 30, 8):
        html = _html(state, compact, key, limit)
        if len(html.encode()) <= HTML_LIMIT:
            break
    return html


def _html(state: CardState, compact: bool, key: str, limit: int) -> str:
    link = words.web_link(state.link)
    parts = [f"<b>{escape(_name(state, limit))}</b>"]
    parts += [escape(text) for text in (_revision(state), words.said(state.state, state.unchanged)) if text]
    if link:
        parts.append(_anchor(link, words.link_label(link)))
    if cdn := words.web_link(state.cdn):
        parts.append(_anchor(cdn, "CDN"))
    lines = [" · ".join(parts)]
    if state.is_troubled and state.problem:
        trouble = f"{words.plain(state.problem, limit)} {words.plain(state.advice, limit)}"
        lines.append(f"<small>{escape(trouble.strip())}</small>")
    if facts := _facts(state, compact):
        lines.append(f"<small>{escape(' · '.join(facts))}</small>")
    body = "<br>".join(lines)
    style = "border-left:3px solid #8889;padding:1px 10px;margin:4px 0;font-size:13px;line-height:1.5"
    live = f' class="gofigr-live gofigr-key-{key}"' if key else ""
    return f'<div{live} style="{style}">{body}</div>'


def _anchor(link: str, label: str) -> str:
    return f'<a href="{escape(link)}" target="_blank" rel="noopener noreferrer">{escape(label)}</a>'


def _name(state: CardState, limit: int) -> str:
    return words.plain(state.name, limit) or "Untitled figure"


def _revision(state: CardState) -> str:
    return f"Revision {state.revision_number}" if state.revision_number is not None else ""


def _facts(state: CardState, compact: bool) -> list[str]:
    facts = [words.size(state.size_bytes), words.secrets(state.masked), words.inputs(state.inputs, state.asks)]
    facts += [words.plain(state.proof, 120), words.waits_for_cdn(state.cdn_waits)]
    return [fact for fact in (*([] if compact else facts), words.changed(state.changed)) if fact]
