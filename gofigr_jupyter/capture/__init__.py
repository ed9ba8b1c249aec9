"""Live figure to Capture in the kernel, Capture to Rendition in the worker; one file per plotting library."""
