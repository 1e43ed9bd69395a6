"""The gates: what must be true of a running stack, each checked against the program that decides it."""
