"""Failures that disappear when the job is run again."""


class TemporaryFailure(Exception):
    """Raised if the same job may succeed when it runs again; the job ends with status 75 (sysexits.h, EX_TEMPFAIL)."""
