"""Small data such as a user might bring, for config/examples/data."""

import numpy as np

from emergent_dynamics.branching import galton_watson


def spikes() -> str:
    """A table `time,unit` in ms: 10,000 bins of 4 ms of a driven branching process, m = 0.97, over 30 units."""
    activity = galton_watson.driven(0.97, 0.02, 10_000, 7)
    rng = np.random.default_rng(7)
    rows = np.repeat(np.arange(activity.size), activity)
    times = np.sort((rows + rng.random(rows.size)) * 4)
    units = rng.integers(0, 30, rows.size)
    return "time,unit\n" + "".join(f"{t:.2f},{u}\n" for t, u in zip(times, units, strict=True))


def _trials() -> tuple[np.ndarray, np.ndarray]:
    """Onsets in steps of 5 ms, and labels 0 to 3, of 400 stimuli about 250 ms apart."""
    rng = np.random.default_rng(11)
    return 20 + 50 * np.arange(400) + rng.integers(0, 10, 400), rng.integers(0, 4, 400)


def counts() -> np.ndarray:
    """(time,) int64 events per 5 ms: Poisson at 0.1, in the 100 ms after a stimulus at 0.1 + 0.4 times its label."""
    rate = np.full(20_100, 0.1)
    for onset, label in zip(*_trials(), strict=True):
        rate[onset : onset + 20] += 0.4 * label
    return np.random.default_rng(12).poisson(rate)


def stimuli() -> str:
    """A table `time,label` in ms."""
    return "time,label\n" + "".join(f"{5 * t},{label}\n" for t, label in zip(*_trials(), strict=True))


FILES = {"spikes.csv": spikes, "counts.npz": counts, "stimuli.csv": stimuli}
