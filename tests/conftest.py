"""One thread for every test, as in a job; and counts of what the suites of faults and inputs tried."""

import os
from collections import Counter
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

DAMAGE = (
    "test_damage",
    "test_faults",
    "test_verify",
    "test_verify_command",
)  # test_kills counts its kills itself
_tried: Counter[str] = Counter()
_held: Counter[str] = Counter()


def _row(report):
    """The row in which a test is counted: its suite and its file; None if it is of neither suite."""
    path = report.nodeid.split("::")[0]
    if "inputs" in report.keywords:
        return f"bad values and files: {path}"
    return f"kills and damage: {path}" if Path(path).stem in DAMAGE else None


def pytest_runtest_logreport(report):
    """Count the tests of the two suites by their file."""
    if report.when == "call" and not report.skipped and (row := _row(report)):
        _tried[row] += 1
        _held[row] += report.passed


def pytest_sessionfinish(session):
    """Write the counts where they are asked for."""
    from tests.counts import count

    for tried, times in _tried.items():
        count(tried, times, _held[tried])
