"""Moment -> Provenance: one file per fact, and no fact knows another."""
