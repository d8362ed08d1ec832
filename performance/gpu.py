"""Throughput of every system's torch path on a device, beside the least time that the device itself allows.

    python performance/gpu.py                 # on CUDA
    python performance/gpu.py --device cpu    # small sizes, to see that it runs

The device is measured first: bytes a second of a copy, operations a second of a matrix product in float32 and float64.
The floor of a step is the larger of bytes it must move once / bandwidth and operations / peak. One line a case:
units a second, seconds a step, floor by bytes, floor by operations, ratio of the time to the larger floor.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scaling import resolved  # first: it puts the library on the path

from emergent_dynamics.causal import model as causal_model
from emergent_dynamics.causal.kernels import gpu as causal
from emergent_dynamics.causal.parameters import Parameters as CausalParameters
from emergent_dynamics.engines import Choice
from emergent_dynamics.nca import model as nca_model
from emergent_dynamics.nca.kernels import gpu as nca
from emergent_dynamics.nca.parameters import Parameters as NcaParameters
from emergent_dynamics.oscillators import model as oscillators_model
from emergent_dynamics.oscillators import parameters as oscillators_parameters
from emergent_dynamics.oscillators import start as oscillators_start
from emergent_dynamics.oscillators.kernels import gpu as oscillators_gpu
from emergent_dynamics.reasoning import diagnose
from emergent_dynamics.reasoning import model as reasoning
from emergent_dynamics.reasoning.parameters import Network
from emergent_dynamics.reasoning.tasks import Examples

STEPS = 20


@dataclass(frozen=True)
class Case:
    """Some steps of a system. units, bytes, operations : of one step; precision : of the operations."""

    name: str
    run: Callable[[], object]
    steps: int
    units: float
    bytes: float
    operations: float
    precision: torch.dtype


def seconds(work: Callable[[], object], device: str) -> float:
    """Least wall time of three calls after one to warm up, until the device has finished."""
    times = []
    for _ in range(4):
        begun = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    return min(times[1:])


def bandwidth(device: str) -> float:
    """Bytes a second of a copy: each is read and written."""
    x = torch.ones(2**28 if device == "cuda" else 2**24, device=device)
    y = torch.empty_like(x)
    return 2 * x.nbytes / seconds(lambda: y.copy_(x), device)


def peak(device: str, precision: torch.dtype) -> float:
    """Operations a second of a product of square matrices."""
    n = 8192 if device == "cuda" else 1024
    x = torch.ones(n, n, device=device, dtype=precision)
    return 2 * n**3 / seconds(lambda: x @ x, device)


def cases(large: bool, device: str) -> list[Case]:
    """A case of each system; `large`: sizes that fill a GPU."""
    return [
        attention(n=16384 if large else 512, d=3, device=device),
        attention(n=16384 if large else 512, d=64, device=device),
        field(side=2048 if large else 128, device=device),
        world(side=512 if large else 64, device=device),
        exponents(examples=2048 if large else 16, device=device),
    ]


def attention(n: int, d: int, device: str) -> Case:
    """causal in d dimensions: a score, an exponential and a product for each pair j <= k, in float64."""
    given = {"runs": 1, "tokens": n, "dimension": d, "steps": STEPS, "engine": "torch"}
    p = CausalParameters.from_config(resolved("causal", given))
    x, engine = causal_model.initial(p), causal.on(device)
    pairs = n * (n + 1) / 2
    return Case(
        f"causal, {n} tokens, d = {d} (pairs)",
        lambda: engine.advance(x, p, STEPS),
        STEPS,
        pairs,
        16.0 * n * d,
        pairs * (4 * d + 10),
        torch.float64,
    )


def field(side: int, device: str) -> Case:
    """oscillators: z and c read, z written, in complex64; a sum over channels and neighbours."""
    channels = 4
    given = {"height": side, "width": side, "channels": channels, "steps": STEPS, "engine": "torch"}
    config = resolved("oscillators", given)
    p = oscillators_parameters.from_config(config)
    engine = oscillators_gpu.TorchEngine(p, Choice("torch", device, "asked for"))
    phases, inputs, _ = oscillators_start.from_config(config)
    state = engine.initial(oscillators_model.initial(phases, inputs))
    units = float(phases.size)
    return Case(
        f"oscillators, {side} x {side} x {channels}",
        lambda: engine.advance(state, STEPS),
        STEPS,
        units,
        24 * units,
        units * (8 * channels + 40),
        torch.float32,
    )


def world(side: int, device: str) -> Case:
    """nca: every living cell's weights read, and what the net and its neighbourhood cost."""
    given = {"width": side, "height": side, "engine": "torch", "update": "synchronous", "inheritance": 0.5}
    p = NcaParameters.from_config(resolved("nca", given) | {"device": "cpu" if device == "cpu" else "cuda"})
    stepper = nca.Stepper(nca_model.initial(p, 0)[0], 0, p, "cpu" if device == "cpu" else "cuda")

    def run() -> None:
        for generation in range(1, STEPS + 1):
            stepper.step(generation)

    return Case(
        f"nca, {side} x {side} cells, {p.channels} channels",
        run,
        STEPS,
        p.cells,
        p.cells * 4.0 * (p.genes + 4 * p.channels),
        2.0 * p.cells * p.genes,
        torch.float32,
    )


def exponents(examples: int, device: str) -> Case:
    """reasoning: eight exponents of a network for 6 x 6 Sudoku; the step itself and a product with each tangent."""
    k, size = 8, 6
    p = Network("trm", size + 1, size, size**2, 64, 2, "mlp", 4, 2.0, 1, 2, 2, 16, 1)
    weights = {name: value.to(device) for name, value in reasoning.initial_weights(p).items()}
    rng = np.random.default_rng(0)
    grids = rng.integers(0, size + 1, (examples, size**2))
    made = Examples(
        **{name: np.arange(examples) if name == "idx" else grids for name in Examples.__dataclass_fields__}
    )
    products = sum(value.numel() for name, value in weights.items() if value.ndim > 1)
    return Case(
        f"reasoning, {examples} puzzles of 6 x 6, k = {k} (example-steps)",
        lambda: diagnose.diagnose(weights, p, made, k, ["qr"], 1),
        p.act_steps,
        examples,
        8.0 * examples * p.state_size * (1 + k),
        2.0 * examples * (1 + k) * products * p.length * p.h_cycles * (p.l_cycles + 1) / 2,
        torch.float32,
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    device = asked.parse_args().device
    if device == "cuda" and not torch.cuda.is_available():
        sys.exit("no CUDA device; --device cpu runs small sizes")
    rate = bandwidth(device)
    peaks = {precision: peak(device, precision) for precision in (torch.float32, torch.float64)}
    name = torch.cuda.get_device_name() if device == "cuda" else "this CPU, one process"
    print(
        f"{name}: {rate / 1e9:.0f} GB/s, "
        + ", ".join(f"{v / 1e12:.2f} T{str(t)[6:]}/s" for t, v in peaks.items())
    )
    print(f"{'case':60s} {'units/s':>9} {'s/step':>9} {'by bytes':>9} {'by ops':>9} {'ratio':>7}")
    for case in cases(device == "cuda", device):
        step = seconds(case.run, device) / case.steps
        floors = case.bytes / rate, case.operations / peaks[case.precision]
        ratio = step / max(floors)
        print(
            f"{case.name:60s} {case.units / step:9.3g} {step:9.3g} {floors[0]:9.3g} {floors[1]:9.3g} {ratio:7.1f}"
        )


if __name__ == "__main__":
    main()
