"""Pictures that say where they come from: a link put into a file's metadata, and read back from any file."""
