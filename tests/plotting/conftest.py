"""One small page of every kind."""

import numpy as np
import pytest

from emergent_dynamics.plotting import viewers
from emergent_dynamics.plotting.colours import CYCLIC, category_table
from emergent_dynamics.plotting.film import write_film
from emergent_dynamics.plotting.page import page_of_runs


def fields():
    yy, xx = np.mgrid[:6, :8]
    phase = np.stack([np.angle(np.exp(1j * (0.3 * t + xx + yy))) for t in range(12)])
    ids = (np.arange(12)[:, None, None] + xx) % 5
    layers = {
        "phase": viewers.value_layer(phase, CYCLIC, (-np.pi, np.pi), "rad"),
        "species": viewers.Layer(ids.astype(np.uint8), category_table(5), names=list("abcde"), blank=0),
    }
    return viewers.images_page(
        layers, "Fields", "A <caption> & more", clock="t =", traces={"r": np.arange(12.0)}
    )


def points(space, size):
    shape = (12, 30, size) if size else (12, 30)
    position = np.random.default_rng(1).normal(size=shape)
    if space == "sphere":
        position /= np.linalg.norm(position, axis=-1, keepdims=True)
    kinds = np.arange(30) % 3
    return viewers.points_page(
        position, "Points", space=space, category=kinds, names=list("xyz"), clock="t ="
    )


def runs():
    """Two runs of points, of 12 and of 23 frames."""
    drawn = [viewers.points(np.zeros((frames, 3, 2)), "points", clock="t =", traces={"n": np.ones(frames)})
             for frames in (12, 23)]  # fmt: skip
    return page_of_runs("Runs", drawn, 2, viewers.points_script())


def numbers():
    columns = {
        "name": viewers.Column("name"),
        "value": viewers.Column("value", "number", "rad"),
        "ci": viewers.Column("95 % interval", "interval"),
        "shown": viewers.Column("with digits", "written"),
        "verdict": viewers.Column("verdict", "agreement"),
    }
    rows = [
        {
            "name": "</script><b>",
            "value": np.float64(1.25),
            "ci": (1.0, 1.5),
            "shown": [1.25, "1.250"],
            "verdict": "agrees",
        },
        {"name": "none", "value": float("nan"), "ci": None, "shown": [None, "–"], "verdict": None},
    ]
    return viewers.table_page(rows, columns, "Numbers")


def film(folder):
    frames = [np.full((32, 48, 3), 20 * i, np.uint8) for i in range(6)]
    write_film(frames, folder / "film.mp4", fps=6)
    return viewers.film_page(folder / "film.mp4", "Film", "six frames")


@pytest.fixture(scope="session")
def example_pages():
    """A function of a folder for the film: {kind: HTML}."""
    return every


def every(folder):
    return {
        "fields": fields(), "plane": points("plane", 2), "circle": points("circle", None),
        "sphere": points("sphere", 3), "numbers": numbers(), "film": film(folder),
        "runs": runs(),
    }  # fmt: skip
