"""Which neurons a film shows: windows of the driven network, and trials of the guessing game, as (frame,
layer, neuron).

Only these windows are ever expanded to neurons; everything else is counted.
"""

from dataclasses import dataclass

import numpy as np

from emergent_dynamics.branching import alias, ensembles, exact, guessing
from emergent_dynamics.branching.model import Film, Parameters

SILENCE = 3  # empty frames between two trials
SEARCHED = 20_000  # trials among which the selected ones are looked for


@dataclass(frozen=True)
class Trials:
    """mask (frame, layer, neuron) bool; excited, reached (trial,) counts; accept_rate of the ensemble, 1 if
    unselected.
    """

    mask: np.ndarray
    excited: np.ndarray
    reached: np.ndarray
    accept_rate: float


def driven(sigma: float, spontaneous: float, p: Parameters, film: Film) -> np.ndarray:
    """(frame, layer, neuron) bool: `film.steps` consecutive frames of run 0, the first ones that the store
    holds whole.
    """
    table = alias.build(exact.transition(sigma, p.neurons, p.rule, spontaneous))
    counts = ensembles.raster(table, p.layers, p.seed, 0, 0, film.steps + p.layers - 1, p.engine)
    mask = ensembles.masks(counts, p.neurons, p.seed, 0, 0)
    time = np.arange(p.layers - 1, counts.shape[1])
    return mask[np.arange(p.layers), time[:, None] - np.arange(p.layers)]


def guesses(sigma: float, selected: bool, p: Parameters, film: Film) -> Trials:
    """`film.trials` trials, one after another; `selected` keeps the notebook's, |out - in| < 2, and says how
    many it saw.

    Fewer are shown when fewer are found among `SEARCHED`. All sigmas show the same unselected inputs.
    """
    table = alias.build(exact.transition(sigma, p.neurons, p.rule))
    counts = ensembles.trials(
        table, p.inputs, p.layers, p.seed, 0, 0, SEARCHED if selected else film.trials, p.engine
    )
    kept = guessing.select(counts[0], counts[-1]) if selected else np.arange(film.trials)
    rate = kept.size / counts.shape[1]
    kept = kept[: film.trials]
    mask = ensembles.masks(counts, p.neurons, p.seed, 0, 0)[:, kept]
    frames = np.zeros((film.trials, p.layers + SILENCE, p.layers, p.neurons), np.bool_)
    layer = np.arange(p.layers)
    frames[: kept.size, layer, layer] = mask.transpose(1, 0, 2)  # the front is in layer t at time t
    return Trials(frames.reshape(-1, p.layers, p.neurons), counts[0, kept], counts[-1, kept], rate)
