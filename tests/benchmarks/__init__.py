"""What a figure costs: plain display, this package and its peers side by side, in real kernels, in one run."""
