"""What goes wrong on the whole river: kernels, workers and servers killed, starved and lied to."""
