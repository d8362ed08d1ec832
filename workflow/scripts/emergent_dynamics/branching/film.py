"""The neurons that a film shows, as masks (frame, layer, neuron): windows of the driven network, and trials of the
guessing game.

Only these windows are ever expanded to single neurons; everything else is stored as numbers of active neurons. The
windows are functions of the seed of the experiment and agree with the stored numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from emergent_dynamics.branching import alias, ensembles, exact
from emergent_dynamics.branching.parameters import Members, Parameters, one_each
from emergent_dynamics.branching.selection import select
from emergent_dynamics.store import Variable

SILENCE = 3  # empty frames between two trials
SEARCHED = 20_000  # trials that are searched for selected ones
SELECTION = "ensemble 0: unselected; ensemble 1: selected, only trials with |out - in| < 2"


@dataclass(frozen=True)
class Film:
    """What the films show: one panel per sigma with its spontaneous rate, `steps` frames, and `trials` of the
    guessing game.
    """

    sigma: tuple[float, ...]
    spontaneous: tuple[float, ...]
    steps: int
    trials: int


def settings(film: Mapping[str, Any]) -> Film:
    """Return the `film` block of an experiment as a `Film`."""
    sigma = tuple(map(float, film["sigma"]))
    return Film(sigma, one_each(film["spontaneous"], sigma), film["steps"], film["trials"])


@dataclass(frozen=True)
class Trials:
    """Trials of the guessing game: mask (frame, layer, neuron) bool; excited, reached (trial,) int16, -1 where no
    trial was found; accept_rate, the share of the trials that was kept.
    """

    mask: np.ndarray
    excited: np.ndarray
    reached: np.ndarray
    accept_rate: float


def driven(sigma: float, spontaneous: float, p: Parameters, film: Film) -> np.ndarray:
    """Return (frame, layer, neuron) bool, active neurons: the first `film.steps` frames of the driven network, run 0.

    Layer l of a frame belongs to the input that arrived l steps earlier; frames begin when the first input has reached
    the last layer. spontaneous : probability per neuron and step to fire unprovoked.
    """
    table = alias.build(exact.links(sigma, p.widths, p.rule, spontaneous))
    members = Members(p.seed, 0, 0, film.steps + p.layers - 1)
    counts = ensembles.raster(table, p.layers, members, p.engine, p.train)
    mask = ensembles.masks(counts, p.widths, p.seed, 0, 0)
    time = np.arange(p.layers - 1, counts.shape[1])
    return mask[np.arange(p.layers), time[:, None] - np.arange(p.layers)]


def guesses(sigma: float, selected: bool, p: Parameters, film: Film) -> Trials:
    """Return `film.trials` trials, one after another.

    If `selected`, only trials with |out - in| < 2 are kept, as in the original notebook, and their share is reported;
    if fewer are found among `SEARCHED`, fewer are shown. Without selection all sigmas show the same inputs.
    """
    table = alias.build(exact.links(sigma, p.widths, p.rule))
    n = SEARCHED if selected else film.trials
    counts = ensembles.trials(table, p.inputs, p.layers, Members(p.seed, 0, 0, n), p.engine)
    kept = select(counts[0], counts[-1]) if selected else np.arange(n)
    rate = kept.size / n
    kept = kept[: film.trials]
    frames = np.zeros((film.trials, p.layers + SILENCE, p.layers, p.neurons), np.bool_)
    layer = np.arange(p.layers)
    for i, trial in enumerate(kept):
        mask = ensembles.masks(counts[:, trial : trial + 1], p.widths, p.seed, 0, int(trial))
        frames[i, layer, layer] = mask[:, 0]  # the activity is in layer t at time t
    ends = [
        np.pad(counts[at, kept].astype(np.int16), (0, film.trials - kept.size), constant_values=-1)
        for at in (0, -1)
    ]
    return Trials(frames.reshape(-1, p.layers, p.neurons), ends[0], ends[1], rate)


def find(p: Parameters, film: Film) -> dict[str, np.ndarray]:
    """Return the arrays of all panels, named as in `variables`; ensemble 0 is unselected, ensemble 1 is selected."""
    panels = list(zip(film.sigma, film.spontaneous, strict=True))
    guessed = [[guesses(sigma, selected, p, film) for sigma in film.sigma] for selected in (False, True)]
    return {
        "sigma": np.array(film.sigma),
        "spontaneous": np.array(film.spontaneous),
        "width": np.array(p.widths),
        "mask": np.stack([driven(sigma, spontaneous, p, film) for sigma, spontaneous in panels]),
        "guess_mask": np.array([[trials.mask for trials in row] for row in guessed]),
        "excited": np.array([[trials.excited for trials in row] for row in guessed]),
        "reached": np.array([[trials.reached for trials in row] for row in guessed]),
        "accept_rate": np.array([[trials.accept_rate for trials in row] for row in guessed]),
    }


def variables(windows: Mapping[str, np.ndarray]) -> dict[str, Variable]:
    """Return the layout of film.zarr."""
    guess, trial = ("ensemble", "panel", "guess_frame", "layer", "neuron"), ("ensemble", "panel", "trial")
    named = {
        "sigma": (("panel",), "branching ratio of a panel", "1"),
        "spontaneous": (("panel",), "spontaneous spikes per neuron and step", "1"),
        "width": (("layer",), "neurons of a layer; beyond it the masks are empty", "neuron"),
        "mask": (("panel", "frame", "layer", "neuron"), "active, driven network", "1"),
        "guess_mask": (guess, "active, guessing game", "1"),
        "excited": (trial, "excited neurons; -1: no such trial", "neuron"),
        "reached": (trial, "neurons active at the end; -1: no such trial", "neuron"),
        "accept_rate": (("ensemble", "panel"), "share of trials kept", "1"),
    }
    return {
        name: Variable(
            dims,
            windows[name].shape,
            str(windows[name].dtype),
            long_name,
            units,
            kind="frame" if name == "mask" else "static",
            coordinate=dims == ("panel",),
            codec="bits" if windows[name].dtype == bool else "table",
            attrs={"selection": SELECTION} if "ensemble" in dims else {},
        )
        for name, (dims, long_name, units) in named.items()
    }
