"""Two baselines of nca: one torch module a cell, as the original study works, and batched torch.

Both are our own. The first does for every cell what the original does, but its prints: it is the honest cost of that
design. The second is what one would write today without a kernel: gathers and products on the active cells.
"""

import copy
import math
import statistics
import time

import numpy as np
import torch

from emergent_dynamics.nca import model
from emergent_dynamics.nca.parameters import Parameters

AROUND = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]


class CellNet(torch.nn.Module):
    """One cell's network, as an object of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Linear(18, 2), torch.nn.Linear(2, 2)
        self.empty()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(torch.sigmoid(self.first(x)))

    def empty(self) -> None:
        with torch.no_grad():
            for tensor in self.parameters():
                tensor.zero_()

    def is_empty(self) -> bool:
        return all(torch.all(tensor == 0).item() for tensor in self.parameters())

    def mutated(self, probability: float) -> "CellNet":
        child = copy.deepcopy(self)
        with torch.no_grad():
            for name, tensor in child.named_parameters():
                if "weight" in name:
                    hit = torch.rand_like(tensor) < probability
                    tensor += hit * (2 * torch.rand_like(tensor) - 1)
        return child


class CellByCell:
    """The rule of the thesis over a grid of modules, visited one after another, with its record of all weights."""

    def __init__(self, p: Parameters, rng: np.random.Generator) -> None:
        self.p, self.rng = p, rng
        self.grid = torch.zeros(2, p.height, p.width)
        self.nets = [CellNet() for _ in range(p.cells)]
        self.age = np.zeros((p.height, p.width))
        self.history: list[list[list[float]]] = []
        for cell in rng.choice(p.cells, p.founders, replace=False).tolist():
            self.grid[:, cell // p.width, cell % p.width] = 1.0
            for layer in (self.nets[cell].first, self.nets[cell].second):
                torch.nn.init.xavier_uniform_(layer.weight)

    def step(self) -> None:
        before, out = self.grid.clone(), torch.zeros_like(self.grid)
        newborn: list[int] = []
        nets = copy.deepcopy(self.nets)
        for cell in range(self.p.cells):
            y, x = divmod(cell, self.p.width)
            inputs = torch.zeros(18)
            for channel in range(2):
                for k, (dy, dx) in enumerate(AROUND):
                    inputs[9 * channel + k] = before[
                        channel, (y + dy) % self.p.height, (x + dx) % self.p.width
                    ]
            if torch.any(inputs > 0.5).item():
                out[:, y, x] = nets[cell](inputs).detach()
                self._inherit(nets, cell, inputs[:9], newborn)
            else:
                nets[cell].empty()
        self.nets = nets
        self._settle(out, newborn)
        kept = copy.deepcopy(self.nets)
        self.history.append([_numbers(net) for net in kept])

    def _inherit(self, nets: list[CellNet], cell: int, alpha: torch.Tensor, newborn: list[int]) -> None:
        if self.rng.random() >= self.p.inheritance:
            return
        y, x = divmod(cell, self.p.width)
        living = [k for k in range(9) if alpha[k].item() > 0.5]
        if not living:
            return
        dy, dx = AROUND[int(self.rng.choice(living))]
        source = nets[(y + dy) % self.p.height * self.p.width + (x + dx) % self.p.width]
        if nets[cell].is_empty():
            nets[cell] = source.mutated(self.p.mutation)
            newborn.append(cell)
        else:
            nets[cell] = copy.deepcopy(source)

    def _settle(self, out: torch.Tensor, newborn: list[int]) -> None:
        for cell in range(self.p.cells):
            y, x = divmod(cell, self.p.width)
            for channel in range(2):
                out[channel, y, x] = 1 / (1 + math.exp(-out[channel, y, x].item()))
            if out[0, y, x] <= 0.5:
                out[:, y, x] = 0
            self.age[y, x] = self.age[y, x] + 1 if round(out[0, y, x].item(), 1) > 0.5 else 0
            spent = self.age[y, x] > self.p.budget
            if spent:
                self.age[y, x] = 0
            if self.age[y, x] == 0:
                out[:, y, x] = 0
                if spent or cell not in newborn:
                    self.nets[cell].empty()
        self.grid = out


def _numbers(net: CellNet) -> list[float]:
    return [value for tensor in net.state_dict().values() for value in tensor.view(-1).tolist()]


def cell_by_cell(p: Parameters, generations: int = 4) -> float:
    """Median milliseconds a generation; it hardly depends on how many cells live."""
    world, times = CellByCell(p, np.random.default_rng(0)), []
    for _ in range(generations):
        start = time.process_time()
        world.step()
        times.append(1e3 * (time.process_time() - start))
    return statistics.median(times)


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
