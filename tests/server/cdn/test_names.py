"""Names from people in addresses: cleaned, or refused with a reason; none reaches a disk or another's folder."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.server.cdn import names
from gofigr_jupyter.server.cdn.names import BadName
from tests.server.cdn.conftest import FOLDERS, KEY, Program, refused
from tests.server.cdn.files import FILES
from tests.server.conftest import ORIGIN

HOSTILE = [
    "../a.png",
    "..\\a.png",
    "/etc/passwd.png",
    "C:\\a.png",
    "a/b.png",
    "%2e%2e%2fa.png",
    "%2E%2E%5Ca.png",
    "..%c0%af.png",
    "a%00.png",
    "a\0.png",
    "a\n.png",
    "a\r\nset-cookie: x.png",
    "a\x1b[31m.png",
    "a\u202egnp.png",
    "a\u2066.png",
    "a\u200b.png",
    "\ufeffa.png",
    "a\u2028b.png",
    ".png",
    ".htaccess.png",
    "..png",
    "",
    "   ",
    "con.png",
    "NUL.png",
    "com1.png",
    "LPT9.tar.png",
    "a" * 200 + ".png",
    "\ue000.png",
    "%252e%252e%252fa.png",
    "....//a.png",
    "\\\\host\\a.png",
    "file:///etc/passwd.png",
    "\uff0e\uff0e\uff0fa.png",
    "\uff05\uff12\uff25a.png",
    "a\uff3cb.png",
    "\u2105.png",
    "aux.txt.png",
    "a\tb.png",
    "a\x7f.png",
    "\U000e0041.png",
]
PATHS = {"a/b.png", "/etc/passwd.png", "file:///etc/passwd.png", "", "   "}  # folders in folders, or none
CLEANED = {
    "My plot (final).png": "My-plot-(final).png",
    "a b  c.png": "a-b-c.png",
    "50% of it.png": "50-of-it.png",
    "a?b#c&d.png": "a-b-c-d.png",
    '<script>"x".png': "script-x.png",
    "a..b.png": "a.b.png",
    "a - .png": "a.png",
    "Größe.png": "Größe.png",
    "Gro\u0308ße.png": "Größe.png",
    "図表.png": "図表.png",
    "a'; DROP TABLE x;--.png": "a-DROP-TABLE-x.png",
    "$(reboot).png": "(reboot).png",
    "a:b.png": "a-b.png",
    "-rf.png": "rf.png",
    "C:.png": "C.png",
    "a\u2215b\u2044c.png": "a-b-c.png",
    "\U0001f600.png": "\U0001f600.png",
}
UNWELCOME = set("/\\%?#&'\"<>:*|`$;{}[]^!, \t\r\n\0")


def test_hostile_names_of_files(program: Program) -> None:
    for name in HOSTILE:
        assert refused(program.ask(name, "image/png"), 400), ascii(name)


def test_hostile_names_of_folders(program: Program) -> None:
    for name in set(HOSTILE) - PATHS:
        folder = name.removesuffix(".png") or "."
        for body in (folder, f"a/{folder}/b", f"{folder}/b"):
            assert refused(program.ask("a.png", "image/png", folder=body), 400), ascii(name)
        assert refused(program.client.post(FOLDERS, json={"name": folder}, headers={KEY: program.key}), 400), ascii(name)
    assert program.folders() == []


def test_others_are_cleaned(program: Program) -> None:
    kind, content = FILES["png"]
    for number, (name, cleaned) in enumerate(CLEANED.items()):
        target = program.target(name, kind, folder=f"{number}/{name.removesuffix('.png')}")
        assert target["key"].split("/")[3:] == [cleaned.removesuffix(".png"), cleaned]
        assert target["cdnUrl"] == f"{ORIGIN}/cdn/{quote(target['key'])}"
        assert program.put(target, content, kind).status_code == 200
        assert program.client.get(target["cdnUrl"]).content == content
    assert [program.target(name, kind)["key"].rpartition("/")[2] for name in ("b.png...", "c.png ")] == ["b.png", "c.png"]


def test_depth_and_length(program: Program) -> None:
    assert program.ask("a.png", "image/png", folder="/".join("a" * 20)).status_code == 200
    refused(program.ask("a.png", "image/png", folder="/".join("a" * 21)), 400)
    refused(program.ask("a.png", "image/png", folder="/".join(["a" * 149] * 5)), 400)
    assert program.target("a.png", "image/png", folder="//a///b/")["key"].split("/")[2:] == ["a", "b", "a.png"]
    assert program.target("a.png", "image/png", folder="")["key"].count("/") == 2
    assert program.target("a.png", "image/png", folder=None)["key"].count("/") == 2


@pytest.mark.parametrize("path", ["..%2fx.png", "%2e%2e%2fx.png", "..%5cx.png", "%5c..%5cx.png", "x.png%00", "", "."])
def test_addresses_that_lead_nowhere(program: Program, path: str) -> None:
    address = program.upload("x.png", *FILES["png"])
    refused(program.client.get(address.rpartition("/")[0] + "/a/" + path), 404)


@given(st.text(max_size=80))
def test_whatever_comes_out_is_harmless(given_name: str) -> None:
    try:
        name = names.file_name(given_name)
    except BadName:
        return
    assert name
    assert not set(name) & UNWELCOME
    assert not name.startswith((".", "-"))
    assert ".." not in name
    assert names.file_name(name) == name, "cleaning twice changes nothing"
