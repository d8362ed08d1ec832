"""Small data such as a user might bring, for config/examples/data."""

import numpy as np


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


def layers() -> np.ndarray:
    """(layer, row, column): V of 24 layers, half the identity and half a rotation that changes slowly."""
    angle = 0.04 * np.arange(24)
    turn = np.zeros((24, 3, 3))
    turn[:, 0, 0] = turn[:, 1, 1] = np.cos(angle)
    turn[:, 1, 0] = np.sin(angle)
    turn[:, 0, 1] = -turn[:, 1, 0]
    turn[:, 2, 2] = 1.0
    return 0.5 * (np.eye(3) + turn)


def heads() -> np.ndarray:
    """(head, row, column): Q of three heads, which attend to tokens nearby, to tokens opposite, and to all alike."""
    return np.array([1.0, -1.0, 0.0])[:, None, None] * np.eye(3)


FILES = {"hidden_states.npz": hidden_states, "layers.npz": layers, "heads.npz": heads}
