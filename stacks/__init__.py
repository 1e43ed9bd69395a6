"""Stacks: one module for each topology. Each has `run()`."""
