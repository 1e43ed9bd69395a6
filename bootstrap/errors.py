"""The one error type the command line shows to people."""


class BootstrapError(Exception):
    """Something that stops the run: what failed, why, and how to mend it."""

    def __init__(self, what: str, why: str, mend: str) -> None:
        super().__init__(f"{what}: {why}\n  mend: {mend}")
        self.what = what
        self.why = why
        self.mend = mend
