"""The field of all-to-all units with Lorentzian frequencies in the atlas: order, onset and sensitivity against K.

Euler's step with normalisation, coupling to the mean, no input and no Omega; K and time in units of the half width of
the frequencies. Theory is that of the map where it differs from the flow (`euler_map`).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics import streams
from emergent_dynamics.atlas import Panel, Row, estimators, headlines, tabulate
from emergent_dynamics.findings import Headline
from emergent_dynamics.oscillators import draws, euler_map, lattice, settling, theory
from emergent_dynamics.oscillators.kernels import mean_field
from emergent_dynamics.statistics import Estimate, bounded_mean_interval, mean_interval

LORENTZIAN = "lorentzian"
ONSET_TIME = 1.5  # natural times: much longer than a step, and over before |dZ| falls to its noise
NEAR = 0.4  # exponent: closer to K_c than n^-0.4 no theory is known for n units (Hong et al. 2007)
EXPONENT = 0.2  # r n^(beta / nu) crosses at K_c: beta = 1/2, nu = 5/2 (Hong, Chate, Park & Tang 2007, PRL 99, 184101)
LABELS = {"system": "oscillators", "series": "all_to_all", "control_name": "coupling K", "size_name": "units"}
PAIRS = "pairs"  # series of the crossings of every two sizes
ORDER_SOURCE = {
    True: "Kuramoto 1975: r = sqrt(1 - 2 / K), infinitely many units",
    False: "Daido 1990: incoherent units answer linearly, n units",
}
ONSET_SOURCE = (
    "linear response of the incoherent map (euler_map.onset), below K_c of the flow, K / 2 - 1; of n units less what "
    "their order by chance takes (euler_map.slowing)"
)
SETTLING_SOURCE = (
    "Ott & Antonsen 2008: from equal phases to 1 / e of the excess, infinitely many units, the flow"
)
INVERSE_SOURCE = "the inverse of the rate at which a little order grows or falls (onset)"
SLOWER = 0.04  # share by which Euler's map, at a step of 0.01, may settle faster than the flow
CRITICAL_SOURCE = "marginal stability of the incoherent map (euler_map.critical_coupling); the flow has 2"


def find(parameters: Mapping[str, Any], paths: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """The table atlas (`atlas.COLUMNS`) of the sweep that `parameters` describe; nothing is read from `paths`."""
    return {"atlas": tabulate(_rows(parameters))}


def _rows(parameters: Mapping[str, Any]) -> Iterator[Row]:
    couplings = np.sort(np.asarray(parameters["coupling"], float))
    orders = {}
    for size in parameters["sizes"]:
        found = stationary(parameters, size["units"], size["samples"], couplings)
        orders[size["units"]] = found[..., 0]
        yield from _of_size(parameters, size["units"], couplings, found)
    onset = parameters["onset"]
    rates = responses(parameters["seed"], onset, couplings)
    for k, coupling in enumerate(couplings):
        slower = euler_map.slowing(coupling, onset["units"], ONSET_TIME)
        expected = euler_map.onset(coupling, onset["step_size"]) - slower
        estimate = mean_interval(rates[k])
        yield _row("onset", coupling, onset["units"], estimate, expected, ONSET_SOURCE, ONSET_TIME)
    yield from _settling(parameters["seed"], onset, couplings)
    yield from _lattice(parameters["seed"], parameters["lattice"])
    yield from _critical(parameters, couplings, orders)
    yield from _curves(couplings, onset["step_size"])


def stationary(parameters: Mapping[str, Any], units: int, samples: int, couplings: np.ndarray) -> np.ndarray:
    """(coupling, sample, 3): mean and variance of r, and the largest exponent per unit time, in the second half.

    A sample has the same frequencies, phases and tangent at every coupling; samples of different sizes share no draw.
    """
    step, name = parameters["step_size"], f"oscillators.atlas.{units}"
    steps = round(parameters["end_time"] / step)
    settle = steps // 2
    found = np.empty((len(couplings), samples, 3))
    for sample in range(samples):
        phases, rate = _drawn(parameters["seed"], name, sample, units)
        tangent = streams.normal(parameters["seed"], name, sample, 2, units)
        for k, coupling in enumerate(couplings):
            found[k, sample] = mean_field.follow(
                phases, tangent, step * rate, step * coupling, settle, steps - settle
            )
    found[..., 2] /= step
    return found


def responses(seed: int, onset: Mapping[str, Any], couplings: np.ndarray) -> np.ndarray:
    """(coupling, sample) growth rate of |dZ| over `ONSET_TIME` from d theta = -sin theta on uniform phases."""
    steps = round(ONSET_TIME / onset["step_size"])
    found = np.empty((len(couplings), onset["samples"]))
    for sample in range(onset["samples"]):
        phases, rate = _drawn(seed, f"oscillators.atlas.onset.{onset['units']}", sample, onset["units"])
        turn = onset["step_size"] * rate
        for k, coupling in enumerate(couplings):
            pull = onset["step_size"] * coupling
            found[k, sample] = mean_field.respond(phases, -np.sin(phases), turn, pull, steps)
    return found / (steps * onset["step_size"])


def _drawn(seed: int, name: str, sample: int, units: int) -> tuple[np.ndarray, np.ndarray]:
    """Phases in rad and Lorentzian frequencies of half width 1 of one sample."""
    phases = 2 * np.pi * streams.uniform(seed, name, sample, 0, units)
    rate = draws.natural_quantile(streams.uniform(seed, name, sample, 1, units), LORENTZIAN, 1.0)
    return phases, rate


def _settling(seed: int, onset: Mapping[str, Any], couplings: np.ndarray) -> Iterator[Row]:
    """Yield rows of the time that order from equal phases takes to settle, for the frequencies of the onset."""
    name, units = f"oscillators.atlas.onset.{onset['units']}", onset["units"]
    rates = np.stack([_drawn(seed, name, sample, units)[1] for sample in range(onset["samples"])])
    for coupling in couplings:
        found, note = settling.measured(rates, float(coupling), onset["step_size"], seed)
        known = settling.expected(float(coupling))
        yield _row("relaxation", coupling, units, found, known, SETTLING_SOURCE, note=note)


def _lattice(seed: int, chosen: Mapping[str, Any]) -> Iterator[Row]:
    """Rows of the largest exponent of a periodic field with one input for all, against the coupling to the input."""
    for bias in sorted(chosen["bias"]):
        field = lattice.Lattice((4, 8, 8), chosen["coupling"], float(bias), chosen["step_size"])
        found = mean_interval(lattice.exponents(field, seed, chosen["runs"], chosen["end_time"]))
        yield Row(
            system="oscillators", series="lattice", control=float(bias), control_name="coupling to the input",
            size=256.0, size_name="units", quantity="growth", value=found.value, lo=found.lo, hi=found.hi,
            theory=lattice.expected(field), n=found.n, window=chosen["end_time"] / 2, average="mean of log",
            source=lattice.SOURCE,
        )  # fmt: skip


def _of_size(
    parameters: Mapping[str, Any], units: int, couplings: np.ndarray, found: np.ndarray
) -> Iterator[Row]:
    window = parameters["end_time"] / 2
    for k, coupling in enumerate(couplings):
        expected, source = expected_order(coupling, units)
        order, variance, growth = found[k].T
        yield _row("order", coupling, units, bounded_mean_interval(order), expected, source)
        yield _row("growth", coupling, units, mean_interval(growth), window=window, average="mean of log")
        yield _row("susceptibility", coupling, units, mean_interval(units * variance, low=0.0))


def expected_order(coupling: float, units: int) -> tuple[float, str]:
    """r of n units and its source; NaN closer to K_c than n^-0.4 and below the noise of what is known there."""
    distance = coupling / theory.critical_coupling(LORENTZIAN, 1.0) - 1
    if abs(distance) < units**-NEAR:
        return np.nan, ""
    if distance > 0:
        return theory.locked_order(LORENTZIAN, 1.0, coupling), ORDER_SOURCE[True]
    return theory.incoherent_order(LORENTZIAN, 1.0, coupling, units), ORDER_SOURCE[False]


def _critical(
    parameters: Mapping[str, Any], couplings: np.ndarray, orders: dict[int, np.ndarray]
) -> Iterator[Row]:
    """Where r n^(1/5) of the smallest and the largest size cross; with more sizes, every pair as series `PAIRS`."""
    expected, sizes = euler_map.critical_coupling(parameters["step_size"]), sorted(orders)
    known = (expected, CRITICAL_SOURCE)
    if len(sizes) < 2:
        nothing = Estimate(np.nan, np.nan, np.nan, 0)
        yield _row("critical", np.nan, np.nan, nothing, *known, note="one size does not cross")
        return
    ends = (sizes[0], sizes[-1])
    estimate, note = crossed(parameters["seed"], couplings, {n: orders[n] for n in ends})
    yield _row("critical", np.nan, ends[1], estimate, *known, average="fit", note=note)
    for pair in combinations(sizes, 2) if len(sizes) > 2 else ():
        estimate, note = crossed(parameters["seed"], couplings, {n: orders[n] for n in pair})
        said = f"of {pair[0]} and {pair[1]} units" + (f"; {note}" if note else "")
        yield _row("critical", np.nan, pair[1], estimate, *known, average="fit", note=said, series=PAIRS)


def crossed(seed: int, couplings: np.ndarray, orders: Mapping[int, np.ndarray]) -> tuple[Estimate, str]:
    """Return the coupling at which r n^(1/5) of two sizes cross, with its interval by the bootstrap over samples, and
    an empty text or the reason for none.

    orders : {units: (coupling, sample)} of a smaller and a larger size; a sample keeps all its couplings.
    """
    curves, means = [], []
    for units, order in orders.items():
        scaled = order * units**EXPONENT
        drawn = estimators.resamples(scaled.shape[1], seed, f"oscillators.atlas.bootstrap.{units}")
        curves.append(scaled.mean(1))
        means.append(scaled.T[drawn].mean(1))
    value = float(estimators.crossing(couplings, curves[1] - curves[0]))
    resampled = estimators.crossing(couplings, means[1] - means[0])
    return estimators.percentile_interval(value, resampled, min(o.shape[1] for o in orders.values()))


def _curves(couplings: np.ndarray, step_size: float) -> Iterator[Row]:
    """Rows of theory alone, for infinitely many units, between the measured couplings."""
    nothing = Estimate(np.nan, np.nan, np.nan, 0)
    for coupling in np.unique(np.append(np.linspace(couplings[0], couplings[-1], 61), 2.0)):
        order = theory.locked_order(LORENTZIAN, 1.0, coupling)
        yield _row("order", coupling, np.inf, nothing, order, ORDER_SOURCE[True], average="exact")
        rate = euler_map.onset(coupling, step_size)
        yield _row("onset", coupling, np.inf, nothing, rate, ONSET_SOURCE, average="exact")
        if rate:
            inverse = 1 / abs(rate)
            yield _row("relaxation", coupling, np.inf, nothing, inverse, INVERSE_SOURCE, average="exact")


def _row(
    quantity: str,
    control: float,
    size: float,
    estimate: Estimate,
    expected: float = np.nan,
    source: str = "",
    window: float = np.nan,
    **others: str,
) -> Row:
    ci = estimate.ci or (np.nan, np.nan)
    average = others.pop("average", "mean of log" if quantity == "onset" else "mean")
    return Row(
        control=float(control), size=float(size), quantity=quantity, value=estimate.value, lo=ci[0], hi=ci[1],
        theory=expected, n=estimate.n, window=window, average=average, source=source, **LABELS | others,
    )  # fmt: skip


def summarise(table: pd.DataFrame) -> dict[str, Headline]:
    """Headlines: where the field locks, how fast a little order grows at both ends, and how ordered and sensitive it
    is.

    table : atlas.
    """
    onset = table[(table["quantity"] == "onset") & (table["n"] > 0)]
    first, last = onset["control"].min(), onset["control"].max()
    peak = most_sensitive(table)
    rows = {
        "critical_coupling": headlines.headline(
            table[table["quantity"] == "critical"].iloc[0],
            "Coupling at which the order of two sizes crosses, in half widths of the frequencies",
            rank=1,
        ),
        "relaxation_below": headlines.headline(
            (slow := headlines.select(table, "relaxation", first)),
            f"Time in which the order of equal phases falls to 1 / e of its excess at K = {first:g}",
            tolerance=SLOWER * slow["theory"],
            reason="Euler's map settles up to 4 % faster than the flow at a step of 0.01",
        ),
        "order_above": headlines.headline(
            headlines.select(table, "order"), f"Order of the largest field at K = {last:g}", rank=3
        ),
        "growth_at_peak": headlines.headline(
            peak,
            f"Largest exponent of the largest field at K = {peak['control']:g}, where it is largest",
            rank=4,
        ),
    }
    for name, control, rank in (("onset_below", first, None), ("onset_above", last, 2)):
        rows[name] = headlines.headline(
            headlines.select(table, "onset", control),
            f"Growth rate of a little order put into incoherence at K = {control:g}",
            rank=rank,
        )
    return rows


def most_sensitive(table: pd.DataFrame) -> pd.Series:
    """The row with the largest exponent of the largest field."""
    rows = table[(table["quantity"] == "growth") & (table["n"] > 0)]
    rows = rows[rows["size"] == rows["size"].max()]
    return rows.loc[rows["value"].idxmax()]


def panel(table: pd.DataFrame) -> Panel:
    """Axes, sentence and caption of the system's two panels, from its rows."""
    critical = table[table["quantity"] == "critical"].iloc[0]
    peak = most_sensitive(table)
    locks = "Order rises with K"
    if np.isfinite(critical["lo"]):
        locks = f"Locks at K = {critical['value']:.3g} [{critical['lo']:.3g}, {critical['hi']:.3g}]"
    near = critical["lo"] <= peak["control"] <= critical["hi"]
    where = "there" if near else f"at K = {peak['control']:g}"
    return Panel(
        title=f"{locks}; most sensitive {where}",
        series=LABELS["series"],
        control_label="coupling K",
        order_label="order r",
        clock="the inverse half width of the frequencies, in which free units lose their phase",
        caption=(
            "All-to-all units with Lorentzian frequencies and no image, so no field of the run stands on this axis. "
            "Onset is how fast a little order grows out of incoherence, growth the largest Lyapunov exponent. "
            "The exponent is positive at a finite number of units and falls as their number grows; points of one "
            "sample share their draws across K. The exact critical coupling is that of Euler's step, "
            f"{critical['theory']:.3f}; in continuous time it is 2."
        ),
        inset=True,
        settling=(
            "Points: the time in which the order of equal phases falls to 1 / e of its excess, which begins far from "
            "the limit and stays finite at the critical coupling. Dashed: the inverse of the rate at which a little "
            "order grows or falls, which does not."
        ),
    )
