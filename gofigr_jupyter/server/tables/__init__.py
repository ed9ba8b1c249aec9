"""Tables that came as Parquet, from anybody: decoded in a child process of little memory and time."""
