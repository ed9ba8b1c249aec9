"""The command gofigr-jupyter: one module for each group of commands."""

from gofigr_jupyter.cli.app import main

__all__ = ["main"]
