"""Cost of one ACT step of the published TRM and HRM runs: forward and with 8 tangents, in float32 and float64.

python performance/reasoning_official.py [run ...]: one thread, CPU time, one example, random weights of full size.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))
from emergent_dynamics.reasoning.kernels import exponents, official_tangent
from emergent_dynamics.reasoning.official import cost, network
from tests.reasoning.official.cases import PUBLISHED, filled

K = 8
GAIN = 0.5  # of the weights of layers; the time does not depend on it


def cpu_seconds(work: Callable[[], object], repeats: int = 2) -> float:
    """Least CPU time of a call."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def measure(name: str, dtype: torch.dtype) -> str:
    """One row: seconds forward and with tangents, their ratio, Gflop/s with tangents, and seconds of the QR."""
    sizes = PUBLISHED[name]
    weights = filled(sizes, GAIN)
    puzzle = torch.from_numpy(weights.pop("puzzle_emb.weights")).to(dtype)
    net = network.build(weights, sizes, dtype)
    tokens = torch.from_numpy(np.arange(sizes.positions)[None] % sizes.vocabulary)
    x, z = network.embed(net, tokens, puzzle), network.initial(net, 1)
    q, _ = exponents.orthonormal(torch.randn(1, sizes.state_size, K, dtype=dtype))
    push = official_tangent.pushing(net, x)
    forward = cpu_seconds(lambda: network.step(net, z, x))
    tangents = cpu_seconds(lambda: push(z.flatten(1), q))
    qr = cpu_seconds(lambda: exponents.orthonormal(q))
    rate = cost.step_flops(sizes, K) / tangents / 1e9
    numbers = f"{forward:8.3f} {tangents:8.3f} {tangents / forward:6.1f} {rate:6.0f} {qr:7.4f}"
    return f"{name:14} {str(dtype)[6:]:8} {numbers}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    print("run            dtype     forward  tangents  ratio  Gflop/s  QR")
    with torch.no_grad():
        for run in sys.argv[1:] or PUBLISHED:
            for dtype in (torch.float32, torch.float64):
                print(measure(run, dtype), flush=True)
