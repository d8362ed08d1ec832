"""What a user would bring, small: data of config/examples/data."""

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


FILES = {"spikes.csv": spikes}
