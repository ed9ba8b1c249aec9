"""Public examples of plotting libraries, run as notebooks with and without the extension; the long tier."""
