"""Small data such as a user might bring, for config/examples/data."""

import numpy as np


def signals() -> np.ndarray:
    """(time, unit) float16: 10 s at 100 per s of 24 signals near 10 per s; the first 12 share a phase."""
    rng = np.random.default_rng(9)
    t = np.arange(1000) / 100
    shared = 2 * np.pi * (10 * t + 0.15 * np.cumsum(rng.normal(size=t.size)) / 10)
    own = (
        2
        * np.pi
        * (rng.uniform(8.5, 11.5, 12) * t[:, None] + np.cumsum(rng.normal(size=(t.size, 12)), 0) / 60)
    )
    phase = np.concatenate([shared[:, None] + rng.uniform(-0.5, 0.5, 12), own], axis=1)
    return (np.cos(phase) + 0.4 * rng.normal(size=phase.shape) + 3).astype(np.float16)


def phases() -> np.ndarray:
    """(time, y, x) float16 rad: a spiral on 12 x 16 pixels that turns once in 20 frames, whose centre wanders."""
    y, x = np.mgrid[:12, :16]
    rng = np.random.default_rng(2)
    path = np.cumsum(rng.normal(0, 0.15, (60, 2)), 0) + np.array([5.5, 7.5])
    angle = np.stack([np.arctan2(y - a, x - b) for a, b in path])
    turned = angle - 2 * np.pi * np.arange(60)[:, None, None] / 20
    return np.angle(np.exp(1j * turned)).astype(np.float16)


def network() -> str:
    """Edges of 40 units in two communities: a ring of each, chords within, three weak edges between; as a table."""
    rng = np.random.default_rng(7)
    rows = ["i,j,weight"]
    for first in (0, 20):
        chords = {tuple(sorted(first + rng.choice(20, 2, replace=False))) for _ in range(40)}
        ring = {tuple(sorted((first + i, first + (i + 1) % 20))) for i in range(20)}
        rows += [f"{i},{j},1" for i, j in sorted(ring | chords)]
    return "\n".join([*rows, "0,20,0.1", "5,31,0.1", "12,27,0.1"]) + "\n"


def frequencies() -> np.ndarray:
    """(unit,) float16: natural frequencies of the 40 units, rad per unit time; the communities differ by 1."""
    return (np.random.default_rng(8).normal(0, 0.2, 40) + np.repeat([-0.5, 0.5], 20)).astype(np.float16)


FILES = {
    "signals.npz": signals,
    "phases.npz": phases,
    "network.csv": network,
    "frequencies.npz": frequencies,
}
