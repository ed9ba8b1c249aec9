"""Slices: of small sessions, statement by statement; of whole notebooks, run again in a clean process."""
