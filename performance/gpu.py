"""The GPU kernels of every system beside the least time that the card itself allows.

    python performance/gpu.py [--only SYSTEM ...] [--json PATH]     # about three minutes
    python performance/gpu.py --check                               # exit status 1 beyond a target

The card's ceilings are measured first: bytes per second of a copy and of a transfer to pinned host memory, operations
per second of a float32 product and of float64 multiply-add outside the matrix units, of a float64 product inside them.
The floor of a case is what it must move or compute, divided by the ceiling that binds it. A target was set on an H200
in November 2026; on a slower card it is longer by the ratio of the ceilings. Wall time, device synchronised,
median of five calls that each take tens of milliseconds.
"""

import argparse
import json
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import gpu_cases

from emergent_dynamics import device
from emergent_dynamics.device import cuda, kernel

# An H200 on 26 November 2026, in the unit of `ceilings`.
REFERENCE = {"bytes": 4.1e12, "host": 55e9, "float32": 50.6e12, "float64": 22.7e12, "float64 product": 56e12}
CALLS = 5


@dataclass
class Row:
    """One line of the table; seconds per step."""

    system: str
    name: str
    seconds: float | None
    floor: float | None
    ratio: float | None
    target: float | None
    verdict: str


def median_seconds(work: Callable[[], None]) -> float:
    """Median wall time of a call that ends with the device idle, after two to warm up."""
    times = []
    for _ in range(CALLS + 2):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times[2:])


def ceilings() -> dict[str, float]:
    """What the card can do: bytes or operations per second."""
    import torch

    def rate(amount: float, work: Callable[[], object]) -> float:
        def call() -> None:
            for _ in range(10):
                work()
            torch.cuda.synchronize()

        return 10 * amount / median_seconds(call)

    x = torch.randn(2**28, device="cuda")
    y = torch.empty_like(x)
    found = {"bytes": rate(2 * x.nbytes, lambda: y.copy_(x))}
    host = torch.empty(2**26, pin_memory=True)
    found["host"] = rate(host.nbytes, lambda: host.copy_(x[: len(host)], non_blocking=True))
    for name, dtype in (("float32", torch.float32), ("float64 product", torch.float64)):
        a = torch.randn(8192, 8192, device="cuda", dtype=dtype)
        found[name] = rate(2 * 8192**3, lambda a=a: a @ a)
    out, grid, turns = cuda.device_array(132 * 16 * 256), 132 * 16, 4096
    found["float64"] = rate(grid * 256 * turns * 16, lambda: _multiply_add[grid, 256](out, 0.999, turns))
    return found


@kernel()
def _multiply_add(out, factor, turns):
    """Eight chains of multiply-add per thread: 16 operations per turn."""
    i = cuda.grid(1)
    a, b, c, d = float(i), i + 1.0, i + 2.0, i + 3.0
    e, f, g, h = i + 4.0, i + 5.0, i + 6.0, i + 7.0
    for _ in range(turns):
        a, b, c, d = a * factor + 1.0, b * factor + 1.0, c * factor + 1.0, d * factor + 1.0
        e, f, g, h = e * factor + 1.0, f * factor + 1.0, g * factor + 1.0, h * factor + 1.0
    out[i] = a + b + c + d + e + f + g + h


def measure(case: gpu_cases.Case, limits: dict[str, float]) -> Row:
    """Time a case; one that fails is a row, not the end of the table."""
    floor = case.work / limits[case.bound]
    shares = case.shares or ((case.bound, 1.0),)
    slower = sum(share * max(1.0, REFERENCE[name] / limits[name]) for name, share in shares)
    target = None if case.target is None else case.target * slower
    try:
        seconds = median_seconds(case.prepare()) / case.steps
    except Exception as error:
        traceback.print_exc()
        return Row(case.system, case.name, None, floor, None, target, f"failed: {error}".splitlines()[0])
    verdict = "" if target is None else ("within" if seconds <= target else "BEYOND")
    return Row(case.system, case.name, seconds, floor, seconds / floor, target, verdict)


def line(row: Row) -> str:
    """One line of the table."""
    times = [
        f"{'-' if t is None else format(1e3 * t, '.4g'):>9}" for t in (row.seconds, row.floor, row.target)
    ]
    ratio = "-" if row.ratio is None else f"{row.ratio:.1f}"
    return f"{row.system:12}{row.name:62}{times[0]}{times[1]}{ratio:>7}{times[2]}  {row.verdict}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="exit status 1 beyond a target or where a case fails"
    )
    parser.add_argument("--only", nargs="*", default=list(gpu_cases.SYSTEMS), choices=list(gpu_cases.SYSTEMS))
    parser.add_argument("--json", type=Path, help="also write the ceilings and the table here")
    asked = parser.parse_args()
    if not device.available() or device.SIMULATED:
        sys.exit("no CUDA device, or numba-cuda is not installed")
    limits = ceilings()
    print(device.name(), time.strftime("%d %B %Y"), *(f"{k}: {v:.3g}/s" for k, v in limits.items()), sep=", ")
    print(f"{'ms per step':74}{'measured':>9}{'floor':>9}{'ratio':>7}{'target':>9}", flush=True)
    rows = []
    for system in asked.only:
        for case in gpu_cases.SYSTEMS[system]():
            rows.append(measure(case, limits))
            print(line(rows[-1]), flush=True)
            if asked.json:
                found = {"card": device.name(), "date": time.strftime("%Y-%m-%d"), "ceilings": limits}
                asked.json.write_text(json.dumps(found | {"rows": [asdict(row) for row in rows]}, indent=1))
    faults = [row for row in rows if row.verdict not in ("", "within")]
    if asked.check and faults:
        sys.exit(f"{len(faults)} of {len(rows)} cases failed or are beyond their target")


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
