"""A system that no room knows, in three rows."""

import numpy as np

from emergent_dynamics.atlas import Panel, Row


def row(**changes):
    """A valid row of a toy; `changes` break or vary it."""
    valid = {
        "system": "toy", "series": "walk", "control": 1.0, "control_name": "drift", "size": 10.0,
        "size_name": "walkers", "quantity": "order", "value": 0.5, "lo": 0.4, "hi": 0.6, "theory": np.nan,
        "n": 8, "window": np.nan, "average": "mean",
    }  # fmt: skip
    return Row(**valid | changes)


def toy():
    return [
        row(),
        row(quantity="growth", value=0.1, lo=0.0, hi=0.2, window=5.0, average="log of mean"),
        row(quantity="critical", control=np.nan, value=2.0, lo=1.5, hi=2.5, theory=1.9, source="a theorem"),
    ]


PANEL = Panel("Walks further", "walk", "drift", "distance", "one step", "A toy.")
