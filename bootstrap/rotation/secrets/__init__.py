"""Staged rotation of a value: environment after environment, each proved in its cluster before the next one begins.

`rotation` owns the order of stages, `stage` what is done in one, `evidence` what its cluster must show. A manager's own
module (`aws`, `vault`) says how versions are written and put back. `record` is all that a run leaves on disk; it holds
no value.
"""
