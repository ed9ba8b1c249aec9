"""The cells that a session ran -> the statements of them that made one figure."""
