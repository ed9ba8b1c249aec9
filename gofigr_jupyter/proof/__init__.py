"""The proof: a figure made again from what was recorded of it, compared with what was shown; and its bundle."""
