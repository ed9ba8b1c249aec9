"""What the reader sees under a figure; one widget is one .py, .js and .css."""
