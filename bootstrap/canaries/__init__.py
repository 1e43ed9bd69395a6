"""Follows secret values through a running stack: where are they written, and where must they never be?

    forms.py     how a value may be written: plain, JSON, URL, hex, base64 at every alignment, one inside another
    canary.py    a value that is followed, known to people by a fingerprint only
    search.py    one automaton that looks for all values in all forms at once
    place.py     a place that is read, what belongs there, and the verdict on it
    planting.py  a fresh value, put into the manager out of band and synced by the operator
    origins.py   where a Secret of a cluster comes from, one row for each way
    known.py     the values that the stack makes itself
    folder.py    the files of the stack's folder, each of which belongs to one place
    places/      one file for each kind of place
    scan.py      the whole flow: plant, run the engine, look everywhere, remove
    report.py    what people and machines see

No value is ever printed, returned or stored.
"""
