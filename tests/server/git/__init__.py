"""Tests of git on a user's word."""
