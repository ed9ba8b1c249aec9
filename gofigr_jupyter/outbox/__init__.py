"""Durable hand-over from kernel to worker: the state of a parcel IS the folder it lies in."""
