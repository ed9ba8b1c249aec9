"""Process 3: the embedded GoFigr-style server. It meets kernel and worker through HTTP and a few small files."""
