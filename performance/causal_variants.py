"""Steps with full attention, noise, and heads on a residual stream; groups; one core, beside dense batches in torch.

    OMP_NUM_THREADS=1 python performance/causal_variants.py

CPU seconds of the thread, medians over turns. The dense batch is our own writing of how programs for this model compute
a step (docs/causal.md, "Beside other programs"): one matrix product per head for all runs, float64, masked softmax.
With full attention and nothing else it is the loop of borjanG/2023-transformers-rotf (`phase-diagrams.py`: all softmax
weights of all runs, their product with the tokens, normalised), written anew from its formula and not its code. That
program counts groups as the rank of the matrix of pairs with a cosine above 0.9999, which is their number where every
group is that narrow. The case of heads has the sizes that nikitus20/simuformer has by default, but 32 runs of its 512.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))
from emergent_dynamics.causal import groups, model
from emergent_dynamics.causal.kernels import cpu, variants
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.config.schema import read_schemas, resolve

TURNS, STEPS = 5, 20
ALIGNED = 0.9999  # cosine


def parameters(**changes: object) -> Parameters:
    return Parameters.from_config(resolve(read_schemas()[1]["causal"], changes))


def seconds(advance: Callable[[], object], p: Parameters) -> float:
    """Return the CPU seconds per run and step."""
    start = time.thread_time()
    advance()
    return (time.thread_time() - start) / (STEPS * p.runs)


def kernel(p: Parameters) -> Callable[[], object]:
    x, length = model.initial(p), np.ones((p.runs, p.tokens))
    variants.advance(x, length, p, 0, 1)
    if not p.varied:
        cpu.advance(x, p, 1)
        return lambda: cpu.advance(x, p, STEPS)
    return lambda: variants.advance(x, length, p, 0, STEPS)


def dense(p: Parameters) -> Callable[[], object]:
    """The same steps on dense tensors (run, token, token), one head after the other."""
    x = torch.from_numpy(model.initial(p))
    length = torch.ones(p.runs, p.tokens, 1, dtype=torch.float64)
    allowed = torch.ones(p.tokens, p.tokens).tril().bool() if p.causal else None
    heads = [
        (torch.from_numpy(np.ascontiguousarray(h.form)), torch.from_numpy(h.value))
        for h in map(p.head, range(p.heads))
    ]

    def step(x: torch.Tensor, length: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = torch.zeros_like(x)
        for form, value in heads:
            score = p.beta * (x @ form @ x.transpose(1, 2))
            if allowed is not None:
                score = score.masked_fill(~allowed, -torch.inf)
            y += score.softmax(-1) @ (x @ value.T)
        if p.noise > 0:
            y = p.step_size * y + (2 * p.noise * p.step_size) ** 0.5 * torch.randn_like(x)
            moved = x + y - (x * y).sum(-1, keepdim=True) * x
        else:
            moved = length * x + p.step_size * y
        size = moved.norm(dim=-1, keepdim=True)
        return moved / size, size if p.residual else length

    def advance() -> None:
        now, r = x, length
        for _ in range(STEPS):
            now, r = step(now, r)

    return advance


def compare(name: str, p: Parameters) -> None:
    ours, theirs = kernel(p), dense(p)
    times = [(seconds(ours, p), seconds(theirs, p)) for _ in range(TURNS)]
    own, other = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{name:55s} {own * 1e6:8.1f} us   dense {other * 1e6:8.1f} us   {other / own:5.1f} x", flush=True)


def compare_groups(p: Parameters) -> None:
    """Groups of one frame of every run, late, as components and as a rank; where both see narrow groups they agree."""
    x = model.initial(p)
    cpu.advance(x, p, 2000)
    gap = (2 * (1 - ALIGNED)) ** 0.5
    found = groups.n_clusters(groups.label(x, gap))
    times = []
    for _ in range(TURNS):
        start = time.thread_time()
        groups.label(x, gap)
        middle = time.thread_time()
        rank = aligned_rank(torch.from_numpy(x))
        times.append((middle - start, time.thread_time() - middle))
    own, other = (statistics.median(column) / p.runs for column in zip(*times, strict=True))
    same = int((rank.numpy() == found).sum())
    name = f"groups, {p.tokens} tokens, d = {p.dimension}, equal in {same} of {p.runs} runs"
    print(f"{name:55s} {own * 1e6:8.1f} us   dense {other * 1e6:8.1f} us   {other / own:5.1f} x", flush=True)


def aligned_rank(x: torch.Tensor) -> torch.Tensor:
    """(run,): the rank of the matrix of aligned pairs of each run."""
    return torch.stack([torch.linalg.matrix_rank((run @ run.T > ALIGNED).to(run.dtype)) for run in x])


def headed() -> Parameters:
    """8 heads with random Q, K and V on 64 tokens in 16 dimensions, on a residual stream."""
    p = parameters(tokens=64, dimension=16, runs=32, beta=4.0, normalisation="pre", heads=8)
    rng = np.random.default_rng(1)
    matrices = {name: rng.normal(size=(8, 16, 16)) / 4 for name in ("value", "query", "key")}
    return Parameters(**{**vars(p), **matrices})


if __name__ == "__main__":
    torch.set_num_threads(1)
    plain = {"tokens": 256, "runs": 16, "mask": "none"}
    compare("full attention, 256 tokens on the circle", parameters(**plain))
    compare("full attention, 256 tokens on the sphere", parameters(**plain, dimension=3, beta=9))
    circle = {"tokens": 256, "runs": 16, "noise": 0.1}
    compare("noise, 256 tokens on the circle, causal", parameters(**circle))
    compare("noise, 256 tokens on the circle, full", parameters(**circle, mask="none"))
    compare("noise, 256 tokens on the sphere, full", parameters(**circle, mask="none", dimension=3, beta=9))
    compare("8 heads, pre, 64 tokens in 16 dimensions, causal", headed())
    compare_groups(parameters(tokens=256, runs=16))
    compare_groups(parameters(tokens=256, runs=16, dimension=3, beta=9))
