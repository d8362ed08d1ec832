"""Surrogates of a recording: random recordings that keep some of its structure and lack the rest.

Which structure a surrogate keeps decides what it is a null model of. Sources: Grün 2009, J Neurophysiol 101:1126 (the
kinds and their uses); Beggs & Plenz 2003, J Neurosci 23:11167 (avalanches against shuffled spikes).
"""

import numpy as np

from emergent_dynamics.branching.recording import Recording

KEEPS = {
    "shuffled": "the distribution of the number of events per bin, but no order in time",
    "redrawn": "the number of events of each unit, but no structure in time and no dependence between units",
    "jittered": "all changes of rate that are slower than the jitter, but nothing faster",
    "rotated": "the rate and rhythm of each unit, but no dependence between units",
}


def kinds(recording: Recording) -> list[str]:
    """Return the possible kinds of surrogates; without the times of single units only bins can be shuffled."""
    return list(KEEPS) if recording.units is not None else ["shuffled"]


def draw(
    recording: Recording, kind: str, width: float, jitter: float, rng: np.random.Generator
) -> np.ndarray:
    """Return (bin,) int64 the events per bin of one surrogate; bins have this width.

    jitter : range in bins over which the events of a `jittered` surrogate are moved. Events that leave the recording at
    one end re-enter at the other. In a raster events move by whole rows.
    """
    if kind == "shuffled":
        return rng.permutation(recording.activity(width))
    times, units = recording.times, recording.units
    if times is None or units is None:
        raise ValueError("this recording has no events of single units")
    begin, length = (0.0, recording.duration) if recording.step else (times[0], times[-1] - times[0])
    if kind == "redrawn":
        moved = rng.random(times.size) * length
    elif kind == "jittered":
        moved = times - begin + (rng.random(times.size) - 0.5) * jitter * width
    else:
        names, number = np.unique(units, return_inverse=True)
        moved = times - begin + (rng.random(names.size) * length)[number]
    if recording.step:
        rows = round(length / recording.step)
        row = np.floor(moved / recording.step + (0.5 if kind == "jittered" else 0.0)).astype(np.int64)
        return _binned(row % rows, round(width / recording.step), rows)
    return _binned(np.floor((moved % length) / width).astype(np.int64), 1, int(length // width))


def _binned(place: np.ndarray, per_bin: int, places: int) -> np.ndarray:
    """Return the number of events per bin of `per_bin` rows or bins; an incomplete last bin is left out."""
    bins, place = places // per_bin, place // per_bin
    return np.bincount(place[place < bins], minlength=bins)


def two_sided(recorded: float, drawn: np.ndarray) -> float:
    """Return the p-value of `recorded` among surrogates (surrogate,): twice the smaller of the shares that are at least
    as large and at most as large, `recorded` included; NaN if any value is undefined.

    Valid for any number of surrogates (Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9:39).
    """
    if np.isnan(recorded) or np.isnan(drawn).any():
        return float("nan")
    above, below = int((drawn >= recorded).sum()), int((drawn <= recorded).sum())
    return min(1.0, 2.0 * (1 + min(above, below)) / (1 + drawn.size))
