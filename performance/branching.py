"""How fast is `branching`, against what the original notebook does and against the field's tools, in one run.

    python performance/branching.py

CPU seconds of one process, median of repeats, the baseline timed again between ours. The baseline is written
anew after what the notebook does: a copy of the whole network a step, one random number per neuron, a loop
over layers.
"""

import copy
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import xarray as xr

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from emergent_dynamics import streams
from emergent_dynamics.branching import (
    alias,
    coarse_graining,
    ensembles,
    exact,
    exponents,
    galton_watson,
    model,
    power_law,
    recording,
    recurrent,
    regression,
    shannon,
    shuffling,
)
from emergent_dynamics.branching.figures import activity, rearrangement
from emergent_dynamics.branching.parameters import Members
from emergent_dynamics.plotting import film

LAYERS, NEURONS, SIGMA, SPONTANEOUS = 35, 20, 1.0, 0.005
DIAGONALS = 65_536
WINDOW = 1024  # diagonals that a film of 30 s shows


def original(steps: int) -> np.ndarray:
    """The notebook's stochastic run: (step, layer, neuron) float64."""
    states = np.zeros((steps, LAYERS, NEURONS))
    for t in range(1, steps):
        network = copy.deepcopy(states[t - 1])
        network[np.random.rand(LAYERS, NEURONS) < SPONTANEOUS] = 1  # noqa: NPY002 (as the notebook)
        for layer in range(LAYERS - 1, 0, -1):
            fires = np.random.rand(NEURONS) < SIGMA * np.sum(network[layer - 1, :]) / NEURONS  # noqa: NPY002
            network[layer] = fires
            network[layer - 1] = np.zeros(NEURONS)
        states[t] = network
    return states


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Median CPU seconds of a call, after one to compile."""
    work()
    return statistics.median(_once(work) for _ in range(repeats))


def _once(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def row(what: str, found: float, unit: str, limit: str, ok: bool) -> None:
    """One line of the table."""
    print(f"{what:58s} {found:12.4g} {unit:10s} {limit:>14s}  {'ok' if ok else 'MISSED'}")


def steps_per_second() -> None:
    """Network steps of the driven 35 x 20 network: ours against the original, timed in turn."""
    driven = alias.build(exact.transition(SIGMA, NEURONS, "linear", SPONTANEOUS))

    def counts() -> np.ndarray:
        return ensembles.raster(driven, LAYERS, Members(1, 0, 0, DIAGONALS), "cpu")

    def masks() -> np.ndarray:
        found = ensembles.raster(driven, LAYERS, Members(1, 0, 0, WINDOW), "cpu")
        return ensembles.masks(found, (NEURONS,) * LAYERS, 1, 0, 0)

    def numpy_counts() -> np.ndarray:
        state = np.zeros(8192, np.uint8)
        for layer in range(LAYERS - 1):
            state = model.step(state, streams.bits(1, "numpy", 0, layer, 8192), driven)
        return state

    counts(), masks(), numpy_counts()
    times: dict[str, list[float]] = {"original": [], "counts": [], "masks": [], "numpy": []}
    for _ in range(7):
        times["original"].append(_once(lambda: original(800)) / 800)
        times["counts"].append(_once(counts) / DIAGONALS)
        times["masks"].append(_once(masks) / WINDOW)
        times["numpy"].append(_once(numpy_counts) / 8192)
    middle = {name: statistics.median(values) for name, values in times.items()}
    row("original, a step", middle["original"] * 1e6, "us", "", True)
    row("counts, a step", middle["counts"] * 1e9, "ns", "", True)
    for name, limit in (("counts", 2000), ("masks", 400), ("numpy", 250)):
        gain = middle["original"] / middle[name]
        row(f"{name} against the original", gain, "times", f">= {limit}", gain >= limit)


def avalanche_ensembles() -> None:
    """Single-root avalanches to histograms."""

    def run(sigma: float, n: int) -> None:
        table = alias.build(exact.transition(sigma, NEURONS, "linear"))
        tally = ensembles.empty_tally(LAYERS, NEURONS)
        ensembles.add_avalanches(tally, table, LAYERS, Members(1, 0, 0, n), "cpu")

    once = seconds(lambda: run(1.0, 1_000_000))
    row("1e6 avalanches at sigma 1", once, "s", "<= 0.15", once <= 0.15)
    sweep = seconds(lambda: [run(s, 1_000_000) for s in np.linspace(0.4, 1.6, 61)], repeats=1)
    row("61 sigmas x 1e6 avalanches", sweep, "s", "<= 10", sweep <= 10)


def exact_and_analyses() -> None:
    """Linear algebra, fits and multistep regression."""
    sigma = np.linspace(0.5, 2.0, 301)
    curve = seconds(lambda: shannon.exact_curve(sigma, (NEURONS,) * LAYERS, "linear", (0, NEURONS)))
    row("exact information at 301 sigmas", curve, "s", "<= 1", curve <= 1)
    matrix = exact.transition(1.0, NEURONS, "linear")
    law = seconds(lambda: exact.avalanches(matrix, LAYERS))
    row("exact sizes, durations and shapes", law * 1e3, "ms", "", True)
    sizes = galton_watson.simulate(1.0, 1_000_000, 1, 10**6, 10**6).size

    def fits() -> None:
        exponents.compare(np.bincount(sizes), 10, 10_000)

    fitted = seconds(fits)
    row("four models fitted to 1e6 sizes", fitted, "s", "<= 0.5", fitted <= 0.5)
    series = galton_watson.subsample(galton_watson.driven(0.98, 10.0, 1_000_000, 1), 0.05, 1)
    spent = seconds(lambda: regression.multistep(regression.lagged(series, 300)))
    row("multistep regression, 1e6 steps, 300 lags, jackknife", spent, "s", "<= 0.3", spent <= 0.3)
    against_mrestimator(series[:100_000])


def against_mrestimator(series: np.ndarray) -> None:
    """Slopes at 300 lags, and the whole estimate with its interval from 20 pieces of the series: ours, theirs
    compiling (its first call in a process), theirs compiled.
    """
    try:
        import mrestimator
    except ImportError:
        print("mrestimator is not installed: its rows are left out")
        return

    def slopes(method: str) -> object:
        return mrestimator.coefficients(series[None, :], method=method, steps=(1, 300))

    def estimate() -> object:
        found = mrestimator.coefficients(series.reshape(20, -1), method="stationarymean", steps=(1, 300))
        return mrestimator.fit(found, fitfunc="exponential", numboot=100)  # as its full_analysis does

    sums = seconds(lambda: regression.lagged(series, 300))
    whole = seconds(lambda: regression.multistep(regression.lagged(series, 300)))
    for what, work, ours in (
        ("slopes, its default method", lambda: slopes("trialseparated"), sums),
        ("slopes, the method that is ours", lambda: slopes("stationarymean"), sums),
        ("estimate with interval", estimate, whole),
    ):
        first, warm = _once(work) / ours, statistics.median(_once(work) for _ in range(3)) / ours
        row(f"mrestimator's {what}, compiling", first, "times", ">= 300", first >= 300)
        row(f"mrestimator's {what}, compiled", warm, "times", ">= 300", warm >= 300)


def power_laws_and_clusters() -> None:
    """Time the search for the lowest value beside that of powerlaw, p by sampling, surrogates and coarse-graining."""
    import powerlaw

    numbers = np.loadtxt(Path(powerlaw.__file__).parent / "reference_data" / "words.txt")
    sample = power_law.Sample.from_numbers(numbers)
    ours = seconds(lambda: power_law.fit(power_law.Sample.from_numbers(numbers), None, None))
    theirs = seconds(lambda: powerlaw.Fit(numbers, discrete=True, verbose=False).alpha, 3)
    exact_fit = {"discrete": True, "estimate_discrete": False, "verbose": False}
    same = seconds(lambda: powerlaw.Fit(numbers, **exact_fit).alpha, 1)
    row("lowest value searched, 18,855 words", ours * 1e3, "ms", "", True)
    row("powerlaw's search, its approximation", theirs / ours, "times", ">= 1", theirs >= ours)
    row("powerlaw's search, exact zeta as ours", same / ours, "times", ">= 1", same >= ours)
    tail = power_law.fit(sample, None, None)
    once = seconds(lambda: power_law.plausibility(sample, tail, True, 1, 20), 3)
    row("p by sampling, per sample with its search", once / 20 * 1e3, "ms", "", True)
    rows, units = np.nonzero(np.random.default_rng(1).random((50_000, 256)) < 0.02)
    raster = recording.Recording(times=rows.astype(float), units=units, step=1.0, duration=50_000.0)
    rng = np.random.default_rng(1)
    once = seconds(lambda: shuffling.draw(raster, "rotated", 1.0, 10.0, rng))
    row("a rotated surrogate, per event", once / units.size * 1e9, "ns", "", True)
    chosen = coarse_graining.selected(raster)
    spent = seconds(lambda: coarse_graining.measure(raster, 1.0, chosen), 3)
    row("coarse-graining, 256 units, 50,000 bins", spent, "s", "", True)
    matrix = np.random.default_rng(2).random((256, 50_000))
    product = seconds(lambda: matrix @ matrix.T)
    row("its floor, the product of all pairs of units", spent / product, "times", "", True)


def recurrent_graph() -> None:
    """Events of the sparse graph."""
    nodes, degree, steps = 1000, 20, 20_000
    synapses = recurrent.Synapses(recurrent.targets(1, nodes, degree), np.full((1, degree), 0.95 / degree))

    def run() -> np.ndarray:
        return recurrent.advance(
            synapses, 5e-4, Members(1, 0, 0, steps), np.zeros(nodes, bool), np.zeros(nodes, np.int64)
        )

    events = float(run().sum()) * degree
    row("recurrent graph, a synapse", seconds(run) / events * 1e9, "ns", "", True)


def films_cost() -> None:
    """Films, encoder included: CPU seconds of this process and its children."""
    widths = (NEURONS,) * LAYERS
    driven = alias.build(exact.links(SIGMA, widths, "linear", SPONTANEOUS))
    counts = ensembles.raster(driven, LAYERS, Members(1, 0, 0, 120 + LAYERS), "cpu")
    time, layer = np.arange(LAYERS, 120 + LAYERS), np.arange(LAYERS)
    mask = ensembles.masks(counts, widths, 1, 0, 0)[layer, time[:, None] - layer]
    windows = xr.Dataset(
        {"mask": (("panel", "frame", "layer", "neuron"), mask[None]), "width": ("layer", np.array(widths))},
        coords={"sigma": ("panel", [1.0]), "spontaneous": ("panel", [0.005])},
    )

    def cost(frames: Callable[[], Iterator[np.ndarray]]) -> float:
        with tempfile.TemporaryDirectory() as folder:
            before = _used()
            film.write_film(frames(), Path(folder) / "film.mp4", 30)
            return _used() - before

    for width, limit in ((700, 2.5), (1400, 8.0)):
        spent = cost(lambda width=width: activity.frames(windows.isel(frame=slice(100)), "causal", 3, width))
        row(f"activity film, 300 frames, {width} wide", spent, "s", f"<= {limit}", spent <= limit)
    spent = cost(lambda: rearrangement.frames(windows, "causal", 3, 1, 1280, 720))
    row("rearrangement film, 360 frames, 1280 x 720", spent, "s", "<= 12", spent <= 12)


def _used() -> float:
    return sum(
        t.ru_utime + t.ru_stime
        for t in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    steps_per_second()
    avalanche_ensembles()
    exact_and_analyses()
    power_laws_and_clusters()
    recurrent_graph()
    films_cost()
