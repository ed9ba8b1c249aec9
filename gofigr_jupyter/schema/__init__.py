"""The wire contract, once: what client and server agree on. Pydantic models without I/O; one file a family."""
