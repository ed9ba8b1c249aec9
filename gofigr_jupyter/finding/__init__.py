"""Which revision is this picture? From its metadata, a QR code in it, or its looks; also without a server."""
