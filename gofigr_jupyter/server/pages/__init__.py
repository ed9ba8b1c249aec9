"""What people see of the server: HTML pages, rendered here, that work without JavaScript and without a network."""

from gofigr_jupyter.server.pages.routes import family

__all__ = ["family"]
