"""Cost of the exponents against their alternatives, and of the statistics against a straightforward version.

python performance/reasoning.py [examples]: one thread, CPU time, each table on one network in one run.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))
from emergent_dynamics.reasoning import contrasts, diagnose, model, thresholds
from emergent_dynamics.reasoning.kernels import exponents
from emergent_dynamics.reasoning.parameters import Network

K = 8


def cpu_seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Least CPU time of a call."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def act_map(examples: int, size: int = 4) -> tuple[exponents.Dynamics, torch.Tensor, torch.Tensor]:
    """One ACT step of the network for Sudoku of a size, with tangents by hand, a state and K tangents of
    every example.
    """
    p = Network("trm", size + 1, size, size**2, 64, 2, "mlp", 4, 2.0, 1, 2, 2, 16, 1)
    weights = model.initial_weights(p)
    question = torch.from_numpy(np.random.default_rng(0).integers(0, size + 1, (examples, size**2)))
    x = model.embed(weights, question, p)
    act = diagnose.dynamics(weights, x, p)
    start = act.step(model.initial(p).flatten().repeat(examples, 1))
    return act, start, exponents.tangents(1, np.arange(examples), p.state_size, K, torch.float32)


def loop_of_jvps(step: exponents.Map, z: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """The K tangents one after another."""
    return torch.stack([torch.func.jvp(step, (z,), (q[:, :, j].contiguous(),))[1] for j in range(K)], dim=2)


def full_jacobian(z: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """The whole Jacobian of one example by reverse mode, then its product with the tangents."""
    step = act_map(1)[0].step
    jacobian = torch.func.jacrev(lambda y: step(y[None])[0], chunk_size=256)(z[0])
    return jacobian @ q[0]


def exponents_of(size: int, examples: int) -> None:
    """Print what an example costs in an ACT step, by every method (the full Jacobian on 4x4 only)."""
    (step, push), z, q = act_map(examples, size)
    with torch.no_grad():
        work = {
            "forward alone": lambda: step(z),
            "tangents by hand and QR": lambda: exponents.orthonormal(push(z, q)[1]),
            "JVPs batched by vmap and QR": lambda: exponents.orthonormal(exponents.push(step, z, q)[1]),
            "loop of JVPs": lambda: loop_of_jvps(step, z, q),
        }
        taken = {name: cpu_seconds(call) / examples for name, call in work.items()}
    if size == 4:
        taken["full Jacobian"] = cpu_seconds(lambda: full_jacobian(z, q), repeats=1)
    ours = taken["tangents by hand and QR"]
    print(f"TRM {size}x{size}, n = {z.shape[1]}, k = {K}, batch {examples}, float32, one thread")
    print(f"{'method':<28}{'ms / example / ACT step':>26}{'ratio':>10}")
    for name, seconds in taken.items():
        print(f"{name:<28}{1e3 * seconds:>26.2f}{seconds / ours:>10.1f}")
    print()


def main(examples: int = 64) -> None:
    """Print both tables."""
    torch.set_num_threads(1)
    for size in (4, 6):
        exponents_of(size, examples)
    rng = np.random.default_rng(0)
    score, label = rng.standard_normal(8192), rng.random(8192) < 0.5
    pairs = cpu_seconds(lambda: np.mean(score[label][:, None] > score[~label]), repeats=1)
    ranks = cpu_seconds(lambda: contrasts.auc(score, label))
    print(
        f"AUC of 8192: ranks {1e3 * ranks:.2f} ms, all pairs {1e3 * pairs:.0f} ms, {pairs / ranks:.0f} times"
    )
    print(
        f"19 thresholds of 8192: {1e3 * cpu_seconds(lambda: thresholds.table(score, -score, label), 1):.0f} ms"
    )


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
