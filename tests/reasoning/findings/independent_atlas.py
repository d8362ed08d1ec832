"""The atlas of reasoning by another path: every example of the map in a loop, and its exact law on the tent."""

import math
from functools import cache

import numpy as np
from scipy import optimize

from emergent_dynamics import streams

EXPERIMENT = {"radius": [0.01, 0.04, 0.2], "act_steps": [8], "examples": 200}
# members of the sweep at full size (config/atlas.yaml) that tests/atlas/test_full_size.py computes again
MEMBERS = {"radius": [0.001, 0.2], "act_steps": [16, 64]}
RADIUS, STEPS, CELLS = 0.04, 8, 1 << 16


@cache
def searched():
    """Share of the examples in [0.36, 0.44] after eight steps, and their mean of ln abs(dx'/dx) over these."""
    low, high = streams.key(1, f"reasoning.atlas.{STEPS}")
    starts = streams.uniform(int(low) | int(high) << 32, "reasoning.capture_map", 0, 0, 200)
    right, total = 0, 0.0
    for x in map(float, starts):
        for _ in range(STEPS):
            if abs(x - 0.4) < RADIUS:
                total += math.log(0.5)
                x = 0.4 + 0.5 * (x - 0.4)
            else:
                total += math.log(abs(4 * (1 - 2 * x)))
                x = 4 * x * (1 - x)
        right += abs(x - 0.4) < RADIUS
    return right / 200, total / 200 / STEPS


@cache
def law(radius):
    """The same two of uniform starts: half of the mass of cell i of the tent goes to either cell that it maps onto."""
    edge = np.arange(CELLS + 1) / CELLS
    mass = np.diff((1 - np.cos(np.pi * edge)) / 2)
    low, high = (2 / math.pi * math.asin(math.sqrt(0.4 + sign * radius)) for sign in (-1, 1))
    outside = 1 - np.diff(np.clip(edge, low, high)) * CELLS
    slope = np.log(4 * np.abs(np.cos(np.pi * (edge[:-1] + 0.5 / CELLS))))
    slope[CELLS // 2 - 1 : CELLS // 2 + 1] = math.log(4 * math.pi / CELLS) - 1
    first = np.where(edge[:-1] < 0.5, 2 * np.arange(CELLS), 2 * (CELLS - 1 - np.arange(CELLS)))
    captured, total = 0.0, 0.0
    for step in range(STEPS + 1):
        captured += float(mass @ (1 - outside))
        mass = mass * outside
        if step < STEPS:
            total += float(mass @ slope) + captured * math.log(0.5)
        mass = sum(np.bincount(first + k, mass / 2, CELLS) for k in (0, 1))
    return captured, total / STEPS


RECOMPUTED = {
    "right": lambda path, tables, p: searched()[0],
    "exponent": lambda path, tables, p: searched()[1],
    "neutral_radius": lambda path, tables, p: optimize.ridder(lambda r: law(r)[1], 0.05, 0.2, xtol=1e-9),
}
EXPECTED = {
    "right": lambda path, tables, p: law(RADIUS)[0],
    "exponent": lambda path, tables, p: law(RADIUS)[1],
}
REASONS: dict = {}
REPEATS = 100
