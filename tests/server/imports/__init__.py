"""Tests of how strangers' files are read."""
