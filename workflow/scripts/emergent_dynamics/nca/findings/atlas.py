"""The NCA in the atlas: share alive, growth of the descendants of one adult in an empty world, and spread of damage,
against inheritance.

The rule is that of the thesis with the defaults of the schema. The unit of time is one life cycle, 1 / IP + b + 1
generations: the mean time until a cell gets a net, its life of b generations, and the generation in which it is
cleared. Twin worlds take the same random words at the same cells and generations, so every difference is caused by the
disturbance; the numbers are those of this coupling.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics import streams
from emergent_dynamics.atlas import Panel, Row, estimators, headlines, tabulate
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import Headline
from emergent_dynamics.nca import model, theory, unlogged
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.statistics import Estimate, proportion_interval

SERIES, MAP = "sequential", "nca.atlas"
WORLDS = "worlds"  # series of the worlds that are full at first
CYCLES = 5  # life cycles for which damage is followed
SETTLE = 100  # generations before a twin is disturbed, and before adults are taken
SIDE, FIRST, LAST = (
    80,
    20,
    60,
)  # cells and generations of the onset; a front moves half a cell per generation and never wraps around
DONOR = 0.1  # inheritance of the worlds from which adults are taken
FRONT = (
    2 * np.log(LAST / FIRST) / (LAST - FIRST)
)  # growth rate of a disc whose radius grows at constant speed, per generation
AT_FRONT = 0.8  # share of it from which on growth is that of a front and not exponential
BOUND = "b / (1 / IP + b + 1): a bound, reached where every cell has a living neighbour (renewal-reward, Ross 1996)"
NOTHING = Estimate(np.nan, np.nan, np.nan, 0)


def find(parameters: Mapping[str, Any], paths: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """Return the table atlas (`atlas.COLUMNS`) of the sweep that `parameters` describe; `paths` is not used."""
    return {"atlas": tabulate(_rows(parameters))}


def _rows(parameters: Mapping[str, Any]) -> Iterator[Row]:
    seed = parameters["seed"]
    for size in parameters["sizes"]:
        for inheritance in sorted(parameters["inheritance"]):
            worlds = order(seed, inheritance, size, parameters["generations"])
            estimate = estimators.skewed_mean_interval(worlds[:, 0], seed, f"{MAP}.order.bootstrap")
            bound = theory.most_alive(inheritance, budget())
            yield _row("order", inheritance, size["side"], estimate, theory=bound, source=BOUND)
            living = proportion_interval(int(worlds[:, 1].sum()), len(worlds))
            yield _row("survival", inheritance, size["side"], living, series=WORLDS)
    rates = {}
    donors = donor_adults(seed)
    for inheritance in sorted({*parameters["onset"]["inheritance"], *parameters["critical"]}):
        rates[inheritance] = lone(seed, inheritance, parameters["onset"]["trials"], donors)
        if inheritance in parameters["onset"]["inheritance"]:
            yield _onset(seed, inheritance, rates[inheritance])
            left = proportion_interval(int((rates[inheritance][:, 1] > 0).sum()), len(rates[inheritance]))
            yield _row("survival", inheritance, SIDE, left)
    twins = parameters["growth"]
    for inheritance in sorted(twins["inheritance"]):
        yield _growth(inheritance, twins, damage(seed, inheritance, twins))
    yield _critical(seed, {control: rates[control] for control in sorted(parameters["critical"])})
    lowest, highest = min(parameters["inheritance"]), max(parameters["inheritance"])
    for inheritance in np.geomspace(lowest, highest, 41):
        known = {"theory": theory.most_alive(float(inheritance), budget()), "source": BOUND}
        yield _row("order", inheritance, np.inf, NOTHING, average="exact", **known)


def experiment(inheritance: float, side: int, seed: int) -> Parameters:
    """Return the parameters of the schema's defaults in a square world."""
    given = {"inheritance": inheritance, "width": side, "height": side, "seed": seed}
    return Parameters.from_config(resolve(read_schemas()[1]["nca"], given))


def budget() -> float:
    """Return the largest number of generations that a cell lives, the default of the schema."""
    return float(resolve(read_schemas()[1]["nca"], {})["budget"])


def cycle(inheritance: float) -> float:
    """Return the generations of a life cycle, 1 / IP + b + 1."""
    return 1 / inheritance + budget() + 1


def _seed(seed: int, purpose: str) -> int:
    """Return a separate seed for each purpose and size, so that no two of them share random numbers."""
    low, high = streams.key(seed, f"{MAP}.{purpose}")
    return int(low) | int(high) << 32


def order(seed: int, inheritance: float, size: Mapping[str, int], generations: int) -> np.ndarray:
    """Return (world, 2) the share of cells alive, averaged over the second half of the generations, and whether any is
    alive at the end; generations after a world has died out count as 0.
    """
    p = experiment(inheritance, size["side"], _seed(seed, f"order.{size['side']}"))
    of, found, half = unlogged.kit(p), np.zeros((size["worlds"], 2)), generations // 2
    for world in range(size["worlds"]):
        board = unlogged.founded(p, world)
        unlogged.advance(board, of, world, 0, half)
        for generation in range(half, generations):
            unlogged.advance(board, of, world, generation, generation + 1)
            living = unlogged.alive(board, p)
            if not living:
                break
            found[world, 0] += living
        found[world, 1] = living > 0
    found[:, 0] = found[:, 0] / p.cells / (generations - half)
    return found


def donor_adults(seed: int) -> list[unlogged.Adult]:
    """Return the living cells of a settled world, from which single adults are drawn."""
    p = experiment(DONOR, 60, _seed(seed, "donor"))
    board = unlogged.founded(p, 0)
    unlogged.advance(board, unlogged.kit(p), 0, 0, SETTLE)
    return unlogged.adults(board, p)


def lone(seed: int, inheritance: float, trials: int, donors: list[unlogged.Adult]) -> np.ndarray:
    """Return (trial, 2) the cells alive at generations `FIRST` and `LAST` after one adult was placed in an empty
    world.

    Trial r has the same adult and the same random words at every inheritance.
    """
    p = experiment(inheritance, SIDE, _seed(seed, "onset"))
    of = unlogged.kit(p)
    chosen = streams.integers(seed, f"{MAP}.adults", 0, 0, trials, len(donors))
    found = np.zeros((trials, 2))
    for trial, donor in enumerate(chosen):
        board = unlogged.settle_one(p, donors[donor])
        unlogged.advance(board, of, trial, 0, FIRST)
        found[trial, 0] = unlogged.alive(board, p)
        if found[trial, 0]:
            unlogged.advance(board, of, trial, FIRST, LAST)
            found[trial, 1] = unlogged.alive(board, p)
    return found


def rate(counts: np.ndarray) -> np.ndarray:
    """Return ln(E N(last) / E N(first)) per generation of counts (..., trial, 2); NaN where either mean is 0."""
    mean = counts.mean(-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(mean[..., 1] / mean[..., 0]) / (LAST - FIRST)
    return np.where((mean > 0).all(-1), found, np.nan)


def _onset(seed: int, inheritance: float, counts: np.ndarray) -> Row:
    """Return the row of the growth rate per life cycle, with its interval by the bootstrap over trials."""
    drawn = estimators.resamples(len(counts), seed, f"{MAP}.bootstrap")
    value = float(rate(counts))
    estimate, note = estimators.percentile_interval(value, rate(counts[drawn]), len(counts))
    if value >= AT_FRONT * FRONT:
        note = "a front of constant speed, no exponential growth"
    length = cycle(inheritance)
    scaled = Estimate(estimate.value * length, estimate.lo * length, estimate.hi * length, estimate.n)
    window = (LAST - FIRST) / length
    return _row("onset", inheritance, SIDE, scaled, window=window, average="log of mean", note=note)


def _critical(seed: int, counts: Mapping[float, np.ndarray]) -> Row:
    """Return the row of the inheritance where a straight line through the rates is zero; trials are resampled for all
    values of inheritance at once.
    """
    control, stacked = np.array(list(counts)), np.stack(list(counts.values()))
    trials = stacked.shape[1]
    drawn = estimators.resamples(trials, seed, f"{MAP}.bootstrap")
    resampled = estimators.zero(control, np.moveaxis(rate(stacked[:, drawn]), 0, -1))
    value = float(estimators.zero(control, rate(stacked)))
    estimate, note = estimators.percentile_interval(value, resampled, trials)
    return _row("critical", np.nan, SIDE, estimate, average="fit", note=note)


def damage(seed: int, inheritance: float, twins: Mapping[str, Any]) -> np.ndarray:
    """Return (world, twin) the number of cells whose alpha in tenths differs `CYCLES` life cycles after one living
    cell was emptied.

    Worlds in which no cell is alive after `SETTLE` generations are left out.
    """
    p = experiment(inheritance, twins["side"], _seed(seed, f"growth.{twins['side']}"))
    of, stop, found = unlogged.kit(p), SETTLE + round(CYCLES * cycle(inheritance)), []
    for world in range(twins["worlds"]):
        board = unlogged.founded(p, world)
        unlogged.advance(board, of, world, 0, SETTLE)
        living = np.flatnonzero(model.is_alive(board.layers[0], p))
        if not living.size:
            continue
        places = streams.integers(p.seed, f"{MAP}.emptied", world, 0, twins["twins"], living.size)
        others = [unlogged.copied(board) for _ in places]
        for other, place in zip(others, places, strict=True):
            unlogged.remove(other, int(living[place]))
        for one in (board, *others):
            unlogged.advance(one, of, world, SETTLE, stop)
        alpha = model.stored_tenths(board.layers[0])
        found.append([int((model.stored_tenths(other.layers[0]) != alpha).sum()) for other in others])
    return np.array(found, float).reshape(len(found), twins["twins"])


def _growth(inheritance: float, twins: Mapping[str, Any], found: np.ndarray) -> Row:
    place: dict[str, Any] = {"window": float(CYCLES), "average": "log of mean"}
    if not found.size:
        return _row("growth", inheritance, twins["side"], NOTHING, note="nobody lives", **place)
    estimate = estimators.log_mean_rate(found, CYCLES)
    left = estimators.unseen(len(found))
    healed = (
        f"healed in all {found.size} twins: at most a share of {left:.2g} of worlds has any damage (95 %)"
    )
    note = "" if np.isfinite(estimate.value) else healed
    return _row("growth", inheritance, twins["side"], estimate, note=note, **place)


def _row(quantity: str, control: float, size: float, estimate: Estimate, **others: Any) -> Row:
    lo, hi = estimate.ci or (np.nan, np.nan)
    rest: dict[str, Any] = {"series": SERIES, "theory": np.nan, "window": np.nan, "average": "mean"}
    return Row(
        system="nca", control=float(control), control_name="inheritance", size=float(size),
        size_name="cells wide", quantity=quantity, value=estimate.value, lo=lo, hi=hi, n=estimate.n, **rest | others,
    )  # fmt: skip


def summarise(table: pd.DataFrame) -> dict[str, Headline]:
    """Return headlines: where the descendants of a single adult begin to spread, which share is alive, and how fast
    damage spreads.

    table : atlas.
    """
    order = table[(table["quantity"] == "order") & (table["n"] > 0)]
    dense = order[order["control"] == order["control"].max()]
    dense = dense.sort_values("n", kind="stable").iloc[
        -1
    ]  # the size with most worlds has the most precise mean
    growth = headlines.select(table, "growth")
    return {
        "critical_inheritance": headlines.headline(
            headlines.select(table, "critical"),
            "Inheritance at which the number of descendants of one adult neither grows nor falls", rank=1,
        ),
        "alive_at_most_inheritance": headlines.headline(
            dense,
            f"Share of cells alive at inheritance {dense['control']:g} in worlds of {dense['size']:g} cells along a "
            "side",
            relation="<=", rank=2,
        ),
        "damage_rate": headlines.headline(
            growth,
            f"Growth rate of the damage of one lost cell over {CYCLES} life cycles at inheritance "
            f"{growth['control']:g}",
            rank=3,
        ),
    }  # fmt: skip


def panel(table: pd.DataFrame) -> Panel:
    """Return axes, headline sentence and caption of the two panels of this system, from the rows of the table."""
    critical = table[table["quantity"] == "critical"].iloc[0]
    growth = table[(table["quantity"] == "growth") & table["lo"].notna()].sort_values("control")
    spreading = growth.loc[growth["lo"] > 0, "control"]
    dies = "Life spreads from an inheritance that this run does not find"
    if np.isfinite(critical["value"]):
        dies = f"Dies out below {critical['value']:.3f} [{critical['lo']:.3f}, {critical['hi']:.3f}]"
    spread = (
        f"damage spreads from {spreading.min():g} on" if len(spreading) else "no damage is seen to spread"
    )
    return Panel(
        title=f"{dies}; {spread}",
        series=SERIES,
        control_label="inheritance",
        order_label="share of cells alive",
        clock="one life cycle, 1 / inheritance + budget + 1 generations",
        caption=(
            "Onset is how fast the descendants of one adult grow in number in an empty world; grey points are fronts "
            "of constant speed and no exponential growth, so that only the zero has a meaning. Growth is the number "
            "of cells that differ after one living cell was emptied. Damage spreads as a power of time: its rate "
            "falls with the time that it is followed. Nothing here is a measurement of exponents, of directed "
            "percolation or otherwise. Dashed: an upper bound."
        ),
        logarithmic=True,
        settling=(
            "Not measured: from a world full of life the share alive swings with the budget for a few generations and "
            "has then settled. What grows near the critical inheritance is the inverse of the onset."
        ),
    )
