"""`python -m gofigr_jupyter.server --embedded`: the embedded server of the state folder."""

from __future__ import annotations

import sys

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.server.run import serve_embedded
from gofigr_jupyter.settings import state_home


def main(arguments: list[str]) -> int:
    """Run until idle; 0 also when another one is running already."""
    if arguments != ["--embedded"]:
        print("usage: python -m gofigr_jupyter.server --embedded", file=sys.stderr)
        return 2
    try:
        return serve_embedded(state_home())
    except (GoFigrError, OSError) as error:
        print(f"The embedded server cannot start: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
