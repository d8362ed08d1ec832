"""Time of one generation against a loop over cells with torch modules and against batched torch; metrics and archive.

Run: PYTHONPATH=workflow/scripts python performance/nca.py. Process CPU time, one thread; medians over generations 150
on. Baselines are our own: what the original study's code does per cell without its prints, and eager torch on the
active cells of a synchronous world. The cell loop is run once: it hardly depends on who lives.
"""

import copy
import statistics
import time

import numpy as np
import torch

from emergent_dynamics.nca import gd, model, pd
from emergent_dynamics.nca.model import UNBOUNDED, Parameters
from emergent_dynamics.nca.simulation import NcaSimulation

torch.set_num_threads(1)
THESIS = {
    "width": 200,
    "height": 200,
    "channels": 2,
    "seed_fraction": 0.08,
    "alive_threshold": 0.5,
    "inheritance": 0.1,
    "mutation": 0.02,
    "budget": 4,
    "generations": 1000,
    "activation": "sigmoid",
    "board_activation": "sigmoid",
    "rule": "thesis2024",
    "update": "sequential",
    "alive_rounding": "1",
    "catastrophe_every": 0,
    "catastrophe_probability": 0.0,
    "catastrophe_erases": "own",
    "runs": 1,
    "seed": 1,
    "archive": "lineage",
    "engine": "cpu",
    "device": "cpu",
}
EXPERIMENTS = {
    "exp5: IP 0.1, budget 4": ({}, 2.5),
    "exp13: IP 0.5, budget 4": ({"inheritance": 0.5}, 6.0),
    "exp19: IP 0.1, no budget": ({"budget": UNBOUNDED}, 2.5),
}


def parameters(**changes: object) -> Parameters:
    return Parameters(**{**THESIS, **changes})  # type: ignore[arg-type]


def milliseconds(p: Parameters, first: int = 150, last: int = 250) -> tuple[float, float]:
    """Median and least CPU time of a generation."""
    simulation = NcaSimulation(p)
    state = simulation.advance(simulation.initial(), 0, first)
    times = []
    for generation in range(first, last):
        start = time.process_time()
        state = simulation.advance(state, generation, generation + 1)
        times.append(1e3 * (time.process_time() - start))
    return statistics.median(times), min(times)


class CellNet(torch.nn.Module):
    """One cell's network, as an object of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Linear(18, 2), torch.nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(torch.sigmoid(self.first(x)))


def cell_by_cell(width: int, inheritance: float, rng: np.random.Generator) -> float:
    """Milliseconds for a generation of width x width modules, visited one after another.

    Everything the original does for a cell, but its prints: inputs one by one, tests for zero nets, a deep copy of each
    net and then of all, the activation, the threshold and the rounding of single numbers, and the weights as lists.
    """
    grid = torch.tensor((rng.random((2, width, width)) < 0.2).astype(np.float32))
    nets = [CellNet() for _ in range(width * width)]
    start = time.process_time()
    out, after = torch.zeros_like(grid), []
    for cell in range(width * width):
        y, x = divmod(cell, width)
        inputs = torch.zeros(18)
        for channel in range(2):
            for k in range(9):
                inputs[9 * channel + k] = grid[channel, (y + k // 3 - 1) % width, (x + k % 3 - 1) % width]
        if (inputs > 0.5).any():
            out[:, y, x] = nets[cell](inputs).detach()
            living = [k for k in range(9) if inputs[k] > 0.5]
            if living and rng.random() < inheritance:
                k = int(rng.choice(living))
                source = (y + k // 3 - 1) % width * width + (x + k % 3 - 1) % width
                if any(torch.any(tensor != 0) for tensor in nets[cell].parameters()):
                    nets[cell] = copy.deepcopy(nets[source])
        after.append(copy.deepcopy(nets[cell]))
    for y in range(width):
        for x in range(width):
            for channel in range(2):
                out[channel, y, x] = 1 / (1 + np.exp(-out[channel, y, x].numpy()))
            if out[0, y, x] <= 0.5:
                out[:, y, x] = 0
            round(out[0, y, x].item(), 1)
    for net in after:
        [value for tensor in net.state_dict().values() for value in tensor.view(-1).tolist()]
    copy.deepcopy(after)
    return 1e3 * (time.process_time() - start)


def batched_torch(p: Parameters, generations: int = 40) -> float:
    """Median milliseconds of eager torch on the active cells only, weights gathered per cell, synchronous."""
    world, _ = model.initial(p, 0)
    layers = torch.tensor(world.layers)
    weights, age = torch.tensor(world.weights.reshape(p.cells, -1)), torch.zeros(p.cells, dtype=torch.int64)
    place = torch.arange(p.cells).reshape(p.height, p.width)
    around = torch.stack([torch.roll(place, (-a, -b), (0, 1)) for a in (-1, 0, 1) for b in (-1, 0, 1)], -1)
    around = around.reshape(-1, 9)
    times = []
    for _ in range(generations):
        start = time.process_time()
        flat = layers.reshape(2, -1)
        seen = flat[:, around]
        active = torch.nonzero((seen > 0.5).any(2).any(0))[:, 0]
        inputs = seen[:, active].permute(1, 0, 2).reshape(-1, 18)
        net = weights[active]
        hidden = torch.sigmoid(torch.bmm(net[:, :36].reshape(-1, 2, 18), inputs[:, :, None]))
        out = torch.bmm(net[:, 36:].reshape(-1, 2, 2), hidden)[:, :, 0]
        living = inputs[:, :9] > 0.5
        heir = (torch.rand(active.numel()) < p.inheritance) & living.any(1)
        cell = active[heir]
        source = around[cell, torch.multinomial(living[heir].float(), 1)[:, 0]]
        newborn = ~weights[cell].any(1)
        fresh = weights[source].clone()
        change = (torch.rand(int(newborn.sum()), 40) < p.mutation) * (
            2 * torch.rand(int(newborn.sum()), 40) - 1
        )
        fresh[newborn] += change
        weights[cell] = fresh
        planes = torch.full((2, p.cells), 0.5)
        planes[:, active] = torch.sigmoid(out).T
        age = torch.where(planes[0] >= 0.55, age + 1, 0)
        age[age > p.budget] = 0
        planes[:, age == 0] = 0
        kept = torch.zeros(p.cells, dtype=torch.bool)
        kept[cell[newborn]] = True
        weights[(age == 0) & ~kept] = 0
        layers = planes.reshape(2, p.height, p.width)
        times.append(1e3 * (time.process_time() - start))
    return statistics.median(times[generations // 2 :])


def metrics() -> tuple[float, float]:
    """Milliseconds a frame of 200x200: all phenotypic measures; both colours of 4,000 genomes."""
    alpha = np.random.default_rng(0).choice(11, size=(20, 200, 200)).astype(np.uint8)
    nets = np.random.default_rng(0).normal(size=(4000, 40)).astype(np.float32)
    found = []
    for work in (
        lambda: pd.measure(alpha),
        lambda: (gd.ghc_colours(nets), gd.rwsp_colours(nets, [3, 17, 30], 2)),
    ):
        work()
        start = time.process_time()
        work()
        found.append(1e3 * (time.process_time() - start))
    return found[0] / len(alpha), found[1]


def main() -> None:
    milliseconds(parameters(width=30, height=30, generations=10), 2, 4)  # compile
    for name, (changes, target) in EXPERIMENTS.items():
        median, least = milliseconds(parameters(**changes))
        print(f"{name:28s} {median:8.2f} ms a generation (least {least:.2f}; target {target})")
    small, _ = milliseconds(parameters(width=30, height=30))
    loop = cell_by_cell(30, 0.1, np.random.default_rng(0))
    print(
        f"{'30x30':28s} {small:8.3f} ms; cell by cell {loop:.0f} ms: ratio {loop / small:,.0f} (target 10,000)"
    )
    ours, _ = milliseconds(parameters())
    torch_ms = batched_torch(parameters())
    print(f"{'200x200, batched torch':28s} {torch_ms:8.2f} ms: ratio {torch_ms / ours:.1f} (target 4)")
    frame, colours = metrics()
    print(f"{'PD of a frame':28s} {frame:8.2f} ms; colours of 4,000 genomes {colours:.2f} ms")


if __name__ == "__main__":
    main()
