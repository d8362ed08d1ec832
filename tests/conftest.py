"""One thread for every test, as in a job; and counts of what the suites of faults and inputs tried."""

import os
from collections import Counter

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

COUNTED = {"faults": "kills", "inputs": "values and files"}
_tried: Counter[str] = Counter()
_held: Counter[str] = Counter()


def pytest_runtest_logreport(report):
    """Count the tests of the two suites by their file."""
    suites = [suite for suite in COUNTED if suite in report.keywords]
    if suites and report.when == "call" and not report.skipped:
        tried = f"{COUNTED[suites[0]]}: {report.nodeid.split('::')[0]}"
        _tried[tried] += 1
        _held[tried] += report.passed


def pytest_sessionfinish(session):
    """Write the counts where they are asked for."""
    from tests.counts import count

    for tried, times in _tried.items():
        count(tried, times, _held[tried])
