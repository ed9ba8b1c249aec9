"""Tests of files for the web."""
