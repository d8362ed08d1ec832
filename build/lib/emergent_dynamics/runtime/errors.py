"""Failures that a second try mends."""


class TemporaryFailure(Exception):
    """Nothing is wrong with the experiment: run again. A job ends with status 75 (sysexits.h, EX_TEMPFAIL)."""
