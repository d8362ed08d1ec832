"""What performance/gpu.py measures: sizes that fill a card and sizes that users run, with the floor of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from emergent_dynamics.config import load


@dataclass(frozen=True)
class Case:
    """prepare() : everything but the timed call, which it returns; it leaves the device idle. steps : of one call.

    work : bytes or operations of a step at the least. bound : the ceiling that it is divided by. target : seconds on
    the card of `gpu.REFERENCE`. shares : what parts of that time other ceilings bind, where it is not `bound` alone.
    """

    system: str
    name: str
    prepare: Callable[[], Callable[[], None]]
    steps: int
    work: float
    bound: str
    target: float | None = None
    shares: tuple[tuple[str, float], ...] = ()


PROCESSORS = 132  # multiprocessors of an H100 or H200: a run per block uses as many as there are runs


def resolved(system: str, **experiment: Any) -> dict[str, Any]:
    """The experiment with all its defaults, as a job gets it."""
    return load({"experiments": {system: {"x": experiment}}}, ["performance/gpu.py"]).parameters(system, "x")


# Oscillators: z and c are read and z written, 24 B per unit; an input that follows is written too. Where the field
# stays on the chip, 8 channels + 40 float32 operations per unit bind instead.


def field(side: int, steps: int, evolves: bool = False, target: float | None = None, **given: str) -> Case:
    """One step of a large field of four channels."""

    def prepare() -> Callable[[], None]:
        device = oscillators(1, side, evolves, **given)

        def call() -> None:
            device.advance(steps)
            device.stream.synchronize()

        return call

    told = ", ".join(given.values()) or f"input {'evolving' if evolves else 'fixed'}"
    name = f"{side} x {side} x 4, {told}, a step"
    stages, more = (4, 24.0) if "integrator" in given else (1, 8.0 if "topology" in given else 0.0)
    moved = stages * ((32.0 if evolves else 24.0) + more) * 4 * side**2
    return Case("oscillators", name, prepare, steps, moved, "bytes", target)


def images(runs: int, every: int, target: float | None = None) -> Case:
    """512 steps of many images of 28 x 28 x 4; with `every` frames that end in pinned host memory."""
    steps, units = 512, runs * 4 * 28**2

    def prepare() -> Callable[[], None]:
        device = oscillators(runs, 28, True)

        def call() -> None:
            left, slots = steps // every if every else 0, []
            if not every:
                device.advance(steps)
            while left:
                slots.append(device.record(min(left, device.capacity), every))
                left -= min(left, device.capacity)
                if len(slots) > 1:
                    device.frames(slots.pop(0))
            for slot in slots:
                device.frames(slot)
            device.stream.synchronize()

        return call

    saved = f"every {every}th step saved, on the host" if every > 1 else "every step saved, on the host"
    name = f"{runs} images 28 x 28 x 4, 512 steps, {saved if every else 'no frames'}"
    if every:
        return Case("oscillators", name, prepare, 1, 3.0 * units * (steps // every), "host", target)
    return Case("oscillators", name, prepare, 1, 72.0 * units * steps, "float32", target)


def oscillators(runs: int, side: int, evolves: bool, **more: str) -> Any:
    """A field on the device."""
    from emergent_dynamics.oscillators.kernels import cuda
    from emergent_dynamics.oscillators.parameters import from_config

    given = resolved("oscillators", height=side, width=side, channels=4, evolve_input=evolves, **more)
    rng = np.random.default_rng(0)
    phases = rng.uniform(0, 2 * np.pi, (runs, 4, side, side)).astype(np.float32)
    inputs = rng.uniform(0, 2 * np.pi, (runs, 4, side, side)).astype(np.float32)
    return cuda.Device(from_config(given), np.exp(1j * phases), np.exp(1j * inputs))


# Causal: 16 double instructions per pair up to three dimensions, 9 of them the exponential, at the rate of
# multiply-add; an exponential cannot use the matrix units. In many dimensions their two products of 4 d operations.


def attention(runs: int, tokens: int, dimension: int, steps: int, target: float | None = None) -> Case:
    """One step of all runs."""

    def prepare() -> Callable[[], None]:
        from emergent_dynamics.causal import model
        from emergent_dynamics.causal.parameters import Parameters

        given = resolved("causal", runs=runs, tokens=tokens, dimension=dimension)
        p = Parameters.from_config(given)
        if dimension > 8:
            import torch

            from emergent_dynamics.causal.kernels import triton_sums

            device: Any = triton_sums.Device(p, model.initial(p))
            wait = torch.cuda.synchronize
        else:
            from emergent_dynamics.causal.kernels import cuda

            device = cuda.Device(p, model.initial(p))
            wait = device.stream.synchronize

        def call() -> None:
            device.advance(steps)
            wait()

        return call

    pairs = runs * tokens * (tokens + 1) / 2
    name = f"{runs} run{'s' * (runs > 1)} of {tokens:,} tokens, d = {dimension}, a step"
    if dimension > 8:
        return Case("causal", name, prepare, steps, 4.0 * dimension * pairs, "float64 product", target)
    share = 1.0 if tokens > 2000 else min(1.0, runs / PROCESSORS)
    return Case("causal", name, prepare, steps, 2 * 16.0 * pairs / share, "float64", target)


def flow(runs: int, tokens: int, dimension: int) -> Case:
    """The flow of all runs until time 20; the floor counts as many evaluations as the CPU needs for run 0."""
    from emergent_dynamics.causal import model
    from emergent_dynamics.causal.kernels import cuda_flow, ode
    from emergent_dynamics.causal.parameters import Parameters

    given = resolved("causal", runs=runs, tokens=tokens, dimension=dimension, integrator="ode")
    p = Parameters.from_config(given)
    start = {"x": model.initial(p), "step_size": np.zeros(runs), "evaluations": np.zeros(runs, np.int64)}
    counted = np.zeros(1, np.int64)
    ode.flow(start["x"][:1].copy(), np.zeros(1), counted, p, 0.0, 20.0)

    def prepare() -> Callable[[], None]:
        def call() -> None:
            cuda_flow.Flow(p, start).advance(0.0, 20.0)

        return call

    pairs = int(counted[0]) * runs * tokens * (tokens + 1) / 2
    name = f"flow of {runs} runs of {tokens}, d = {dimension}, until t = 20, {counted[0]} evaluations"
    return Case("causal", name, prepare, 1, 2 * 16.0 * pairs / min(1.0, runs / PROCESSORS), "float64")


# NCA: the weights and layers of every cell are read and the layers written, once.


def worlds(runs: int, side: int, target: float | None = None, generations: int = 400, **given: Any) -> Case:
    """One generation of all runs after 80, frames and log on the host."""
    settled = {"inheritance": 0.5, "channels": 2, "update": "sequential"} | given

    def prepare() -> Callable[[], None]:
        from emergent_dynamics.nca import model
        from emergent_dynamics.nca.kernels import cuda
        from emergent_dynamics.nca.parameters import Parameters

        p = Parameters.from_config(resolved("nca", width=side, height=side, runs=runs, **settled))
        world = model.initial(p, 0)[0]
        one = (np.repeat(getattr(world, n)[None], runs, 0) for n in ("layers", "weights", "gid", "age"))
        device = cuda.Device(p, cuda.Worlds(*one, np.full(runs, world.n_genomes), 0))

        def call(generations: int = generations) -> None:
            left, slots = generations, []
            while left:
                slots.append(device.run(min(left, device.capacity)))
                left -= min(left, device.capacity)
                if len(slots) > 1:
                    device.collect(slots.pop(0))
            for slot in slots:
                device.collect(slot)

        call(80)
        return call

    c = int(settled["channels"])
    moved = 4.0 * (10 * c**2 + 4 * c) * runs * side**2
    name = (
        f"{runs} x {side} x {side}, {c} channels, inheritance {settled['inheritance']}, {settled['update']}"
    )
    return Case("nca", name, prepare, generations, moved, "bytes", target)


# Reasoning: the products of all slices; mixing counts channels, not positions.


def puzzles(examples: int, target: float | None = None, k: int = 8, steps: int = 4) -> Case:
    """One ACT step and its QR of puzzles of 6 x 6."""
    from emergent_dynamics.reasoning.parameters import Network

    p = Network("trm", 7, 6, 36, 64, 2, "mlp", 4, 2.0, 1, 2, 2, 16, 1)

    def prepare() -> Callable[[], None]:
        import torch

        from emergent_dynamics.reasoning import model
        from emergent_dynamics.reasoning.kernels import fused

        w = {name: value.cuda() for name, value in model.initial_weights(p).items()}
        question = torch.from_numpy(np.random.default_rng(0).integers(0, 7, (examples, 36))).cuda()
        q = torch.linalg.qr(torch.randn(examples, p.state_size, k))[0].cuda()
        with torch.no_grad():
            roll = fused.Roll(w, p, model.embed(w, question, p), q)

        def call() -> None:
            for _ in range(steps):
                roll.step()
            torch.cuda.synchronize()

        return call

    hidden, across = round(p.width * p.expansion * 2 / 3), round(p.length * p.expansion * 2 / 3)
    product = 2.0 * 3 * examples * p.width * p.length * (hidden + across)
    work = product * (1 + k) * p.layers * p.sub_updates
    name = f"{examples} puzzles 6 x 6, k = {k}, an ACT step and QR"
    shares = ("float32", 0.62), ("bytes", 0.38)  # of a step on an H200: 18 of 28.9 ms are products
    return Case("reasoning", name, prepare, steps, work, "float32", target, shares)


SYSTEMS: dict[str, Callable[[], list[Case]]] = {
    "oscillators": lambda: [
        field(2048, 320, target=0.15e-3),
        field(2048, 320, evolves=True),
        field(256, 6400),
        field(512, 3200),
        field(256, 640, integrator="rk4"),
        field(256, 640, topology="all_to_all", normalise="mean"),
        images(100, 0),
        images(1000, 0),
        images(5000, 0, target=30e-3),
        images(1000, 8),
        images(1000, 1, target=130e-3),
    ],
    "causal": lambda: [
        attention(1, 256, 2, 2000),
        attention(64, 256, 2, 2000, target=10e-6),
        attention(200, 256, 2, 2000, target=20e-6),
        attention(1056, 256, 2, 500),
        attention(64, 256, 3, 2000),
        attention(1, 8192, 2, 320),
        attention(1, 16384, 2, 160),
        attention(1, 16384, 3, 160, target=0.30e-3),
        attention(1, 16384, 64, 40, target=1.2e-3),
        flow(64, 256, 3),
    ],
    "nca": lambda: [
        worlds(1, 512, update="synchronous", target=0.15e-3),
        worlds(1, 512, target=0.15e-3),
        worlds(1, 200, inheritance=0.1),
        worlds(24, 200, inheritance=0.1, target=0.50e-3),
        worlds(24, 200, target=0.55e-3),
        worlds(24, 200, channels=3),
        worlds(1, 2048),
    ],
    "reasoning": lambda: [puzzles(2048, target=30e-3), puzzles(512), puzzles(256, target=4.5e-3)],
}
