"""`python -m gofigr_jupyter` is the command `gofigr-jupyter`."""

from __future__ import annotations

from gofigr_jupyter.cli import main

if __name__ == "__main__":
    main()
