"""The oscillator field against the seed's way of computing it, one core, both in one run and taken in turns.

    python performance/oscillators.py            # all sizes, about three minutes
    python performance/oscillators.py --quick    # 28 x 28 x 4 only

CPU time of the thread; the ratio is of medians over interleaved rounds, best against best beside it. The baseline is
our own writing of the seed's step: complex64 torch tensors (y, x, channel), zero padding, einsum, one thread.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))
from emergent_dynamics.config import schema
from emergent_dynamics.oscillators import draws
from emergent_dynamics.oscillators.kernels import cpu, planes
from emergent_dynamics.oscillators.parameters import Parameters, from_config


class Baseline:
    """The seed's field: one tensor operation per term, a copy of z and of the spikes per step."""

    def __init__(self, p: Parameters, phases: np.ndarray, inputs: np.ndarray) -> None:
        self.p = p
        self.z = torch.exp(1j * torch.from_numpy(phases.transpose(1, 2, 0).astype(np.float32)))
        self.c = torch.exp(1j * torch.from_numpy(inputs.transpose(1, 2, 0).astype(np.float32)))
        self.omega = torch.tensor(p.omega, dtype=torch.complex64)

    def step(self) -> torch.Tensor:
        p, old = self.p, self.z.clone()
        pad = torch.nn.functional.pad(self.z, (1, 1, 1, 1, 1, 1))
        near = pad[1:-1, 1:-1, :-2] + pad[1:-1, 1:-1, 2:] + pad[1:-1, :-2, 1:-1]
        near = near + pad[1:-1, 2:, 1:-1] + pad[:-2, 1:-1, 1:-1] + pad[2:, 1:-1, 1:-1]
        mixed = torch.einsum("de,yxe->yxd", self.omega, self.z)
        change = p.coupling * (near - self.z) + p.frequency * mixed + p.bias * (self.c - self.z)
        self.z = self.z + p.step_size * change
        self.z = self.z / (self.z.abs() + 1e-12)
        spike = (torch.angle(self.z * old.conj()).abs() > p.spike_threshold).float()
        self.c = self.c + p.step_size * 0.1 * (self.z - self.c)
        self.c = self.c / (self.c.abs() + 1e-12)
        return spike

    def run(self, steps: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        return [(self.step().clone(), self.z.clone()) for _ in range(steps)]


def experiment(height: int, width: int, channels: int) -> Parameters:
    """The default experiment, which has the original's couplings, at another size."""
    size = {"height": height, "width": width, "channels": channels}
    return from_config(schema.resolve(schema.read_schemas()[1]["oscillators"], size))


def cpu_seconds(function) -> float:
    start = time.thread_time()
    function()
    return time.thread_time() - start


def compare(shape: tuple[int, int, int], steps: int, seed_steps: int, rounds: int, target: float) -> None:
    """Interleaved rounds of the baseline with history, the kernel without and with, and phase codes of the history."""
    p = experiment(*shape)
    where, k = planes.layout(p.shape), cpu.constants(p)
    phases, inputs = draws.draw_phases(1, 1, p.shape), draws.draw_phases(2, 1, p.shape)
    baseline = Baseline(p, phases[0], inputs[0])
    z, c = (planes.pack(np.exp(1j * a), where, p.periodic, np.float32) for a in (phases, inputs))
    codes = np.empty((1, *p.shape), np.uint16)
    history = planes.zeros((1, steps, *z.shape[1:]), np.float32)
    spikes = np.zeros((1, steps, *z.shape[2:]), bool)
    constants, rooms = cpu.arguments(k), cpu.Rooms(planes.zeros(z.shape[1:], z.dtype), history, spikes)
    tasks = {
        "seed, history": (lambda: baseline.run(seed_steps), seed_steps),
        "kernel, last state": (lambda: cpu.advance(z, c, k, steps), steps),
        "kernel, history": (lambda: cpu.drive(z, c, rooms, steps, *constants), steps),
        "phase codes": (lambda: planes.encode(z, where.start, where.pitch, p.height, p.width, codes), 1),
    }
    for task, _ in tasks.values():
        task()
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, (task, count) in tasks.items():
            times[name].append(cpu_seconds(task) / count)
    base = np.array(times["seed, history"])
    print(f"\n{shape[0]} x {shape[1]} x {shape[2]}, target {target:.0f}x with history")
    print(f"{'':22}{'us/step median':>16}{'best':>12}{'x median':>10}{'x best':>8}")
    for name, values in times.items():
        median, best = np.median(values), np.min(values)
        print(
            f"{name:22}{median * 1e6:16.2f}{best * 1e6:12.2f}{np.median(base) / median:10.1f}{base.min() / best:8.1f}"
        )


def batch(images: int, steps: int, rounds: int) -> None:
    """Many digits: the kernel takes one after another, all steps each, so that a digit stays in cache."""
    p = experiment(28, 28, 4)
    where, k = planes.layout(p.shape), cpu.constants(p)
    phases, inputs = draws.draw_phases(1, images, p.shape), draws.draw_phases(2, images, p.shape)
    baseline = Baseline(p, phases[0], inputs[0])
    z, c = (planes.pack(np.exp(1j * a), where, p.periodic, np.float32) for a in (phases, inputs))
    cpu.advance(z, c, k, 1)
    ours, seeds = [], []
    for _ in range(rounds):
        seeds.append(cpu_seconds(lambda: baseline.run(200)) / 200)
        ours.append(cpu_seconds(lambda: cpu.advance(z, c, k, steps)))
    each = np.median(ours) / images / steps
    print(
        f"\n{images} digits x {steps} steps: {np.median(ours):.2f} s CPU, "
        f"{each * 1e6:.2f} us per digit-step, target 55x"
    )
    print(
        f"the seed's per digit-step {np.median(seeds) * 1e6:.1f} us: {np.median(seeds) / each:.1f}x (medians)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    compare((28, 28, 4), 512, 100, 15, 60)
    if not quick:
        compare((256, 256, 4), 20, 5, 5, 40)
        compare((1024, 1024, 8), 3, 1, 3, 15)
        batch(1000, 512, 3)
