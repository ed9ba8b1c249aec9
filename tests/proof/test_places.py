"""Where inputs are laid out: at the paths that the code names, and never outside of the folder."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gofigr_jupyter.proof.places import is_safe, placed, rewritten, safe_name, urls
from gofigr_jupyter.proof.recorded import Cell, Input

PROJECT = "/home/ada/project"


def place(path: str, code: str, folder: str | None = PROJECT):
    name = path.replace("\\", "/").rpartition("/")[2] or "file"
    (found,) = placed([Input(path, name)], [Cell(code)], folder)
    return found


@pytest.mark.parametrize(
    ("path", "code", "where", "literal"),
    [
        (f"{PROJECT}/data/x.csv", "read('data/x.csv')", "data/x.csv", None),
        (f"{PROJECT}/data/x.csv", "read('./data/x.csv')", "data/x.csv", None),
        (f"{PROJECT}/data/x 1.csv", "read(f'data/x {n}.csv')", "data/x 1.csv", None),
        ("/elsewhere/sub/x.csv", "os.chdir('/elsewhere'); read('sub/x.csv')", "sub/x.csv", None),
        ("/mnt/big/x.csv", "read('/mnt/big/x.csv')", "inputs/x.csv", "/mnt/big/x.csv"),
        ("/home/ada/x.csv", "read('../x.csv')", "inputs/x.csv", "../x.csv"),
        ("/home/ada/data/x.csv", 'read("~/data/x.csv")', "inputs/x.csv", "~/data/x.csv"),
        ("x.csv", "read('x.csv')", "x.csv", None),
        ("../x.csv", "read('../x.csv')", "inputs/x.csv", "../x.csv"),
        (f"{PROJECT}/helpers.py", "import helpers", "helpers.py", None),
        ("/other/helpers.py", "import helpers", "helpers.py", None),
        (r"C:\data\x.csv", r"read(r'C:\data\x.csv')", "inputs/x.csv", None),
    ],
)
def test_places(path: str, code: str, where: str, literal: str | None) -> None:
    found = place(path, code)
    assert (found.path, found.literal) == (where, literal)


def test_a_path_that_the_code_puts_together_is_said_not_to_be_found() -> None:
    assert not place("/mnt/big/x.csv", "read(base + name)").is_found
    assert place("/mnt/big/x.csv", "read('/mnt/big/x.csv')").is_found


def test_two_files_of_one_name_lie_apart() -> None:
    inputs = [Input("/a/x.csv", "x.csv", "1" * 64), Input("/b/x.csv", "x.csv", "2" * 64)]
    code = "p('/a/x.csv'); p('/b/x.csv')"
    found = placed(inputs, [Cell(code)], None)
    assert [one.path for one in found] == ["inputs/x.csv", "inputs/2/x.csv"]
    assert rewritten(code, found) == "p('inputs/x.csv'); p('inputs/2/x.csv')"


def test_what_is_reserved_is_not_taken() -> None:
    (found,) = placed([Input(f"{PROJECT}/script.py", "script.py")], [Cell("open('script.py')")], PROJECT, ["script.py"])
    assert (found.path, found.literal) == ("inputs/2/script.py", "script.py")


def test_only_whole_literals_are_replaced() -> None:
    found = placed([Input("/a/x.csv", "x.csv")], [Cell("'/a/x.csv'")], None)
    code = "a = '/a/x.csv'; b = \"/a/x.csv\"; c = r'/a/x.csv'; d = '/a/x.csv.gz'  # /a/x.csv\ne = f'{q}/a/x.csv'"
    assert rewritten(code, found) == (
        "a = 'inputs/x.csv'; b = 'inputs/x.csv'; c = 'inputs/x.csv'; d = '/a/x.csv.gz'  # /a/x.csv\ne = f'{q}/a/x.csv'"
    )


def test_addresses_are_no_files() -> None:
    inputs = [Input("https://example.org/x.csv", "x.csv"), Input("s3://bucket/y", "y")]
    assert placed(inputs, [], None) == ()
    assert urls(inputs) == ("https://example.org/x.csv", "s3://bucket/y")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30))
@example("/../../etc/passwd", "'../../etc/passwd'", "")
@example("..", "'..'", "/")
@example("a/../../b", "'a/../../b'", "")
@example("/x/CON", "'CON'", "/x")
@example("/x/a\\..\\..\\b", "'a\\..\\..\\b'", "/x")
def test_nothing_leads_out_of_the_folder(path: str, code: str, folder: str) -> None:
    for one in placed([Input(path, path.rpartition("/")[2])], [Cell(code)], folder):
        assert is_safe(one.path)
        parts = PurePosixPath(one.path).parts
        assert parts
        assert not PurePosixPath(one.path).is_absolute()
        assert ".." not in parts
        assert not any(character in one.path for character in '\\:\0"<>|?*')


@given(st.text(max_size=300))
def test_safe_names_are_safe(name: str) -> None:
    found = safe_name(name)
    assert is_safe(found)
    assert "/" not in found
    assert safe_name(found) == found
