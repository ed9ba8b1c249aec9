"""Tests of the server: its API, its guard, its store, and the process it is."""
