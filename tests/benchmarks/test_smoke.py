"""The benchmarks run at all; what they measure is for a quiet machine to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.report import MARKER, write


def test_a_quick_run_gives_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--only", "cells"])
    printed = capsys.readouterr().out
    assert printed.startswith("|  | target | plain display | gofigr_jupyter |")
    assert printed.count("kernel busy") == 4


def test_the_table_replaces_what_stood_between_the_markers(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{MARKER}\nold\n{MARKER}\nafter\n")
    write(readme, "new\n")
    assert readme.read_text() == f"before\n{MARKER}\nnew\n{MARKER}\nafter\n"


def test_a_file_without_markers_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no place for it\n")
    with pytest.raises(ValueError, match="twice"):
        write(readme, "new\n")
    assert readme.read_text() == "no place for it\n"
