"""What the server keeps: rows in SQL, bytes in an object store. Nothing outside this package knows either."""
