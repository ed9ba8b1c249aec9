"""PROCESS 1: what happens inside the kernel. Only this package and `widgets` know IPython and Jupyter."""
