"""The card's "Make again" in a real notebook: a click asks the kernel, and the card tells what comes of it."""

from __future__ import annotations

import pytest

from tests.browser.test_card import opened

__all__ = ["opened"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAID = "Reproduced: identical pixels, 22 Nov 2026"
VERIFY = f"""
import dataclasses
def verify(request):
    card.update(dataclasses.replace(card.state, proof={SAID!r}))
    return {{}}
card._on_request = verify
"""


def test_a_click_asks_the_kernel_and_the_card_tells_the_verdict(opened):
    notebook = opened("card, handle = show()", VERIFY, "show(state='uploading');")
    other, card = notebook.card(1), notebook.card()  # both live: until then, the first may be the other
    card.get_by_role("button", name="Downloads").click()
    card.get_by_role("button", name="Make Petal length again").click()
    card.locator(".gofigr-note", has_text="Being made again").wait_for(timeout=10_000)
    card.locator(".gofigr-facts", has_text=SAID).wait_for(timeout=10_000)
    card.get_by_role("button", name="Make Petal length again").wait_for()
    other.get_by_role("button", name="Downloads").click()
    assert other.get_by_role("button", name="Make Petal length again").count() == 0
