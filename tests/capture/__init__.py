"""Tests of what becomes of a shown figure."""
