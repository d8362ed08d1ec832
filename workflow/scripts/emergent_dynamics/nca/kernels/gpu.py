"""The synchronous rule on torch tensors, for large grids on CUDA: the draws of `model.draws`, all cells at once.

Imported only when `engine: torch` requests it. Every cell carries its own weights instead of a slot of a table, since
GPUs are efficient at dense products. Ids, parents and mutated genes equal those of the reference; alpha agrees to
rounding.
"""

import numpy as np
import torch

from emergent_dynamics.nca.model import Birth, World, least_tenths
from emergent_dynamics.nca.parameters import RULES, Parameters
from emergent_dynamics.streams import key

MASK = 0xFFFFFFFF
HIDDEN = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leakyrelu": torch.nn.functional.leaky_relu,
    "noact": torch.nn.Identity(),
}


def philox(index: torch.Tensor, generation: int, run: int, keys: tuple[np.uint32, np.uint32]) -> torch.Tensor:
    """(n,) int64 block indices -> (n, 4) int64 words below 2**32: `streams.philox4x32` in 64-bit integers.

    A product wraps into the sign bit; shifting right and masking still gives its high word.
    """
    c0, c2 = index, torch.full_like(index, generation >> 32)
    c1, c3 = torch.full_like(index, generation & MASK), torch.full_like(index, run)
    k0, k1 = int(keys[0]), int(keys[1])
    for _ in range(10):
        p0, p1 = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = (p1 >> 32 & MASK) ^ c1 ^ k0, p1 & MASK, (p0 >> 32 & MASK) ^ c3 ^ k1, p0 & MASK
        k0, k1 = k0 + 0x9E3779B9 & MASK, k1 + 0xBB67AE85 & MASK
    return torch.stack([c0, c1, c2, c3], dim=1)


def unsupported(p: Parameters) -> str:
    """Return why torch cannot compute an experiment; empty where it can."""
    if p.landscape:
        return "torch has no landscape that changes"
    return "update: sequential has no order in torch" if p.update == "sequential" else ""


class Stepper:
    """One world on a device ("cpu" or "cuda"); `step` is `model.step` with `update: synchronous`."""

    def __init__(self, world: World, run: int, p: Parameters, device: str) -> None:
        self.p, self.run, self.rule = p, run, RULES[p.rule]
        self.device = torch.device(device)
        self.layers = torch.tensor(world.layers, device=self.device)
        self.weights = torch.tensor(world.weights.reshape(p.cells, -1), device=self.device)
        self.gid = torch.tensor(world.gid.reshape(-1), device=self.device)
        self.age = torch.tensor(world.age.reshape(-1), device=self.device)
        self.n_genomes = world.n_genomes

    def world(self) -> World:
        """Copy a world from the device to arrays on the host."""
        shape = (self.p.height, self.p.width)
        return World(
            self.layers.cpu().numpy(),
            self.weights.cpu().numpy().reshape(*shape, -1),
            self.gid.cpu().numpy().reshape(shape),
            self.age.cpu().numpy().reshape(shape),
            self.n_genomes,
        )

    def step(self, generation: int) -> list[Birth]:
        p = self.p
        inputs = self._neighbours(self.layers).reshape(9 * p.channels, -1).T  # (cell, 9 C)
        active = (inputs > p.alive_threshold).any(dim=1)
        out = torch.where(active[:, None], self._net(inputs), 0.0)
        words = philox(
            torch.arange(p.cells, device=self.device), generation, self.run, key(p.seed, "nca.choice")
        )
        weights, gid, newborn, births = self._inherit(inputs[:, :9], active, words, generation)
        self._settle(out, weights, gid, newborn, words[:, 2], generation)
        return births

    def _neighbours(self, planes: torch.Tensor) -> torch.Tensor:
        """Return (channel, 9, y, x), the 3x3 neighbourhood row by row, of planes (channel, y, x)."""
        rolled = [torch.roll(planes, (-dy, -dx), (1, 2)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        return torch.stack(rolled, dim=1)

    def _net(self, inputs: torch.Tensor) -> torch.Tensor:
        c = self.p.channels
        first = self.weights[:, : 9 * c * c].reshape(-1, c, 9 * c)
        second = self.weights[:, 9 * c * c :].reshape(-1, c, c)
        hidden = HIDDEN[self.p.activation]((first @ inputs[:, :, None])[:, :, 0])
        return (second @ hidden[:, :, None])[:, :, 0]

    def _inherit(
        self, alpha: torch.Tensor, active: torch.Tensor, words: torch.Tensor, generation: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[Birth]]:
        p = self.p
        living = alpha > p.alive_threshold
        heir = active & (words[:, 0] < p.inheritance * 2.0**32) & living.any(dim=1)
        cell = torch.nonzero(heir)[:, 0]
        rank = (words[cell, 1] * living[cell].sum(dim=1)) >> 32
        place = (living[cell].cumsum(dim=1) == rank[:, None] + 1).int().argmax(dim=1)
        y = (cell // p.width + place // 3 - 1) % p.height
        x = (cell % p.width + place % 3 - 1) % p.width
        source = y * p.width + x
        gid = torch.where(active, self.gid, 0)
        weights = torch.where(active[:, None], self.weights, 0.0)
        birth = (self.gid[source] if self.rule.birth == "source" else gid[cell]) == 0
        gid[cell], weights[cell] = self.gid[source], self.weights[source]
        newborn = torch.zeros_like(heir)
        newborn[cell[birth]] = True
        return weights, gid, newborn, self._mutate(cell[birth], weights, gid, generation)

    def _mutate(
        self, cell: torch.Tensor, weights: torch.Tensor, gid: torch.Tensor, generation: int
    ) -> list[Birth]:
        """Change the newborn nets in place, in the order of their cells."""
        p, genes = self.p, torch.arange(self.p.genes, device=self.device)
        first = 9 * p.channels**2
        mask = self._words("nca.mutation", cell, -(-p.genes // 4), generation)
        scale = torch.ones(1, dtype=torch.float64, device=self.device)
        if self.rule.change == "tensor":
            hit = (mask[:, :2] < p.mutation * 2.0**32)[:, (genes >= first).long()]
            scale = (2 * (mask[:, 2:4] / 2.0**32) - 1)[:, (genes >= first).long()]
        else:
            hit = mask[:, : p.genes] < p.mutation * 2.0**32
        change = self._words("nca.change", cell, -(-p.genes // 2), generation)
        change = change.reshape(len(cell), change.shape[1] // 2, 2)[:, : p.genes].double()
        if self.rule.change == "uniform":
            delta = 2 * (change[..., 0] / 2.0**32) - 1
        else:
            radius = torch.sqrt(-2 * torch.log((change[..., 0] + 1) / 2.0**32))
            delta = radius * torch.cos(2 * torch.pi * (change[..., 1] / 2.0**32)) * scale
        parents = gid[cell].clone()
        weights[cell] = torch.where(hit, weights[cell] + delta.float(), weights[cell])
        mutant = hit.any(dim=1)
        gid[cell[mutant]] = self.n_genomes + torch.arange(1, int(mutant.sum()) + 1, device=self.device)
        self.n_genomes += int(mutant.sum())
        return self._births(cell[mutant], parents[mutant], hit[mutant], gid, weights)

    def _births(
        self,
        cell: torch.Tensor,
        parents: torch.Tensor,
        hit: torch.Tensor,
        gid: torch.Tensor,
        weights: torch.Tensor,
    ) -> list[Birth]:
        rows = zip(gid[cell].tolist(), parents.tolist(), cell.tolist(), strict=True)
        hits, values = hit.cpu().numpy(), weights[cell].cpu().numpy()
        return [
            Birth(*row, np.flatnonzero(changed), value[changed])
            for row, changed, value in zip(rows, hits, values, strict=True)
        ]

    def _words(self, stream: str, cell: torch.Tensor, blocks: int, generation: int) -> torch.Tensor:
        index = (cell[:, None] * blocks + torch.arange(blocks, device=self.device)).reshape(-1)
        return philox(index, generation, self.run, key(self.p.seed, stream)).reshape(len(cell), 4 * blocks)

    def _settle(
        self,
        out: torch.Tensor,
        weights: torch.Tensor,
        gid: torch.Tensor,
        newborn: torch.Tensor,
        strike: torch.Tensor,
        generation: int,
    ) -> None:
        p = self.p
        planes = HIDDEN[p.board](out).T.contiguous()
        dead = planes[0] <= p.alive_threshold if self.rule.inclusive else planes[0] < p.alive_threshold
        cleared = torch.zeros_like(dead)
        if p.catastrophe_every and generation % p.catastrophe_every == 0:
            struck = strike < p.catastrophe_probability * 2.0**32
            dead |= struck
            if p.catastrophe_erases == "following":
                struck = torch.nn.functional.pad(struck, (1, 0))[:-1]
            cleared |= struck
        if self.rule.budget:
            alpha = torch.where(dead, 0.0, planes[0])
            tenth = torch.round(10 * alpha.double())
            least = float(least_tenths(p.alive_threshold))
            alive = alpha > p.alive_threshold if p.alive_rounding == "none" else tenth >= least
            self.age = torch.where(alive, self.age + 1, 0)
            spent = self.age > p.budget
            self.age = torch.where(spent, 0, self.age)
            dead |= self.age == 0
            kept = newborn & ~spent if self.rule.grace else torch.zeros_like(newborn)
            cleared |= (self.age == 0) & ~kept
        self.layers = torch.where(dead, 0.0, planes).reshape(self.layers.shape)
        self.gid = torch.where(cleared, 0, gid)
        self.weights = torch.where(cleared[:, None], 0.0, weights)
