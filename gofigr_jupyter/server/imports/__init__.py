"""Figures from elsewhere: notebooks of a repository, pictures in documents. Strangers' files are read in a child."""
