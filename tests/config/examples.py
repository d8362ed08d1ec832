"""The data of config/examples/data: what a user would bring, small. `python -m tests.config.examples` writes them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from emergent_dynamics.branching import galton_watson

DATA = Path(__file__).resolve().parents[2] / "config" / "examples" / "data"


def spikes() -> str:
    """A table `time,unit` in ms: 10,000 bins of 4 ms of a driven branching process, m = 0.97, over 30 units."""
    activity = galton_watson.driven(0.97, 0.02, 10_000, 7)
    rng = np.random.default_rng(7)
    rows = np.repeat(np.arange(activity.size), activity)
    times = np.sort((rows + rng.random(rows.size)) * 4)
    units = rng.integers(0, 30, rows.size)
    return "time,unit\n" + "".join(f"{t:.2f},{u}\n" for t, u in zip(times, units, strict=True))


def hidden_states() -> np.ndarray:
    """(run, layer, token, coord) float16: 8 sequences of 20 tokens through 24 layers of causal attention, d = 4.

    Each layer adds 0.6 of what a token attends to and normalises; norms grow by a tenth per layer, as in models.
    """
    x = np.random.default_rng(3).normal(size=(8, 20, 4))
    layers = []
    for layer in range(25):
        x = x / np.linalg.norm(x, axis=-1, keepdims=True)
        layers.append(x * 1.1**layer)
        score = np.where(np.tri(20, dtype=bool), 9 * x @ x.swapaxes(-1, -2), -np.inf)
        weight = np.exp(score - score.max(axis=-1, keepdims=True))
        x = x + 0.6 * (weight / weight.sum(axis=-1, keepdims=True)) @ x
    return np.stack(layers, axis=1).astype(np.float16)


FILES: dict[str, Callable[[], str | np.ndarray]] = {"spikes.csv": spikes, "hidden_states.npz": hidden_states}


def main() -> None:
    """Write every file."""
    for name, make in FILES.items():
        made = make()
        if isinstance(made, str):
            (DATA / name).write_text(made)
        else:
            np.savez_compressed(DATA / name, x=made)


if __name__ == "__main__":
    main()
