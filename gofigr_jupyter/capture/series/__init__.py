"""The plotted data: a figure's source to tables, one module for each library. For the worker's child process."""
