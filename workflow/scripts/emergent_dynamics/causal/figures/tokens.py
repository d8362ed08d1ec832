"""How tokens are drawn: the colour shows the leader at the end, the role whether it is a centre at the start."""

from typing import NamedTuple

import numpy as np

from emergent_dynamics.causal.renyi import centres
from emergent_dynamics.plotting import colours

ROLES = ("token", "Rényi centre", "strong Rényi centre", "first token")
SCALE = 4.0  # c of the centres that are shown, as in the paper


def leader_colours(last_label: np.ndarray) -> np.ndarray:
    """(token, 3) uint8: one colour per final group; groups are in the order of their leaders."""
    leaders, group = np.unique(last_label, return_inverse=True)
    return colours.category_table(len(leaders))[group]


def roles(start: np.ndarray, beta: float) -> np.ndarray:
    """(token,) indices into `ROLES` from start (token, coord); a strong centre is not counted twice."""
    found = centres(start, SCALE / beta**0.5)
    role = np.select([found["strong"], found["renyi"]], [2, 1], 0)
    role[0] = 3
    return role


def principal(x: np.ndarray) -> np.ndarray:
    """(time, token, coord) with at most three coordinates; more are reduced to those along three principal axes of all
    frames.

    These axes have the largest second moments about the origin, so that no vector becomes longer; each points to the
    side on which most of the last frame lies.
    """
    if x.shape[-1] <= 3:
        return x
    flat = x.reshape(-1, x.shape[-1])
    _, axes = np.linalg.eigh(flat.T @ flat)
    shown = x @ axes[:, ::-1][:, :3]
    return shown * np.where(shown[-1].sum(axis=0) < 0, -1.0, 1.0)


class View(NamedTuple):
    """Coordinates of tokens in the picture, each (...): to the right, upwards, and towards the viewer."""

    across: np.ndarray
    up: np.ndarray
    depth: np.ndarray


class Look(NamedTuple):
    """How tokens are drawn: colour (token, 3) uint8, role (token,) in `ROLES`, radius (token,) in pixels."""

    colour: np.ndarray
    role: np.ndarray
    radius: np.ndarray


def plane(x: np.ndarray) -> View:
    """Orthographic view of x (..., coord): horizontal, vertical and depth (positive in front), each (...).

    A circle is unchanged; of a sphere the first three coordinates are seen from 20 degrees above the equator.
    """
    if x.shape[-1] == 2:
        return View(x[..., 0], x[..., 1], np.zeros(x.shape[:-1]))
    tilt = np.deg2rad(20.0)
    up = np.cos(tilt) * x[..., 2] - np.sin(tilt) * -x[..., 1]
    depth = np.cos(tilt) * -x[..., 1] + np.sin(tilt) * x[..., 2]
    return View(x[..., 0], up, depth)
