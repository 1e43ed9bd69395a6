"""The programs that `make up` runs: found on PATH, taken from official releases, or built from pinned Go modules."""
