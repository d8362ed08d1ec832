"""The layered network in the atlas: how the activity of one active neuron and the effect of one additional neuron
change with sigma.

Members are simulated neuron by neuron and compared with exact laws of the same network. Twin networks share one
uniform number per neuron, which fires when that number is below its probability of firing in its own network. The
twin with more active neurons therefore never falls below the other, and the mean damage is exactly the difference of
the two means. (The alias table of `model.step` does not couple twins in this way.)
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from emergent_dynamics import streams
from emergent_dynamics.atlas import Panel, Row, estimators, headlines, tabulate
from emergent_dynamics.branching import exact
from emergent_dynamics.branching.model import activation
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, mean_interval, proportion_interval

WINDOW = 5  # layers; at sigma = 0.5 all of 20,000 twins have healed after 17
# rule -> (neurons, layers) of larger and larger networks: the L P(reach) of neighbours cross nearer and nearer to 1.
# N grows as L for `linear` (Wright-Fisher), else as L^2.
LADDERS = {
    "linear": ((20, 35), (40, 70), (80, 140), (160, 280)),
    "noisy_or": ((25, 35), (100, 70), (400, 140)),
}
MAIN = {"linear": 1, "noisy_or": 0}  # which two of these give the headline
FEWEST = 100  # fewest runs for the logarithm of a mean damage, whose distribution has a heavy tail
RATE = 0.2  # nat per layer, the scale of a difference of rates, since a rate may be 0
FINITE = 0.02  # allowed distance of a crossing from 1; it is 3e-4 for `linear`, 0.011 for `noisy_or`
NETWORK = "linear algebra on the transition matrices of this very network (branching.exact)"
ONSET = "E[k] = sigma^l from one neuron as long as no layer saturates (Harris 1963)"
CRITICAL = (
    "Harris 1963: a branching process survives for sigma > 1 only; crossings of finite networks tend to it"
)
SETTLING = "mean activity falls as sigma^l in an infinite layer (Harris 1963)"
WIDEST = 100  # widest layer, in neurons, whose eigenvalues are computed; wider ones take seconds
NEVER_LEFT = 1e-9  # distance from 1 below which an eigenvalue counts as 1
NOTHING = Estimate(np.nan, np.nan, np.nan, 0)


class Place(NamedTuple):
    """The row of the table to which a number belongs; size : neurons per layer."""

    rule: str
    quantity: str
    control: float
    size: float


class Known(NamedTuple):
    """The value that theory predicts, and its source."""

    value: float
    source: str


def find(parameters: Mapping[str, Any], paths: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """Return the table atlas (`atlas.COLUMNS`) of the sweep that `parameters` describe; `paths` is not used."""
    return {"atlas": tabulate(row for rule in parameters["rule"] for row in _series(parameters, rule))}


def _series(parameters: Mapping[str, Any], rule: str) -> Iterator[Row]:
    sigmas = np.sort(np.asarray(parameters["sigma"], float))
    for size in parameters["sizes"]:
        for sigma in sigmas:
            yield from _member(parameters, rule, float(sigma), size)
    for sigma in sigmas[sigmas < 1]:
        known = Known(-1 / np.log(sigma), SETTLING)
        yield _row(Place(rule, "relaxation", sigma, np.inf), NOTHING, known, "exact")
    for sigma in np.linspace(sigmas[0], sigmas[-1], 41):
        yield _row(Place(rule, "onset", sigma, np.inf), NOTHING, Known(np.log(sigma), ONSET), "exact")
    yield from _crossings(rule)


def pairs(rule: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Neighbours in the ladder of a rule, (neurons, layers) each."""
    return list(pairwise(LADDERS[rule]))


def _crossings(rule: str) -> Iterator[Row]:
    """The critical row of a rule; then a series of its own, those of its whole ladder, each of the larger network's
    size.
    """
    values = [crossing(rule, small, large) for small, large in pairs(rule)]
    places = [Place(f"{rule}_ladder", "critical", np.nan, large[0]) for _, large in pairs(rule)]
    main = Place(rule, "critical", np.nan, np.nan)
    note = "crossing of the exact laws of two networks, no sample"
    for place, value in zip([main, *places], [values[MAIN[rule]], *values], strict=True):
        yield _row(place, Estimate(value, np.nan, np.nan, 0), Known(1.0, CRITICAL), "exact", note)


def _member(parameters: Mapping[str, Any], rule: str, sigma: float, size: Mapping[str, int]) -> Iterator[Row]:
    neurons, layers, p = size["neurons"], size["layers"], parameters["spontaneous"]
    reach = Known(exact_reach(sigma, neurons, layers, rule), NETWORK)
    growth = Known(exact_growth(sigma, neurons, layers, rule, p), NETWORK)
    draw = generator(parameters["seed"], f"{rule}.{neurons}.{layers}", sigma)
    after, ends = avalanches(draw, sigma, size, rule)
    damage = twins(draw, sigma, size, rule, p)
    order, onset, sensitive = (Place(rule, name, sigma, neurons) for name in ("order", "onset", "growth"))
    yield _row(order, proportion_interval(int(ends.sum()), ends.size), reach)
    known = Known(exact_onset(sigma, neurons, rule), NETWORK)
    yield _row(onset, _logarithm(mean_interval(after)), known, "log of mean")
    rate, note = sensitivity(damage)
    yield _row(sensitive, rate, growth, "log of mean", note)
    if neurons <= WIDEST:
        slowest = Known(exact_settling(sigma, neurons, rule), NETWORK)
        yield _row(Place(rule, "relaxation", sigma, neurons), NOTHING, slowest, "exact")
    yield _row(order, NOTHING, reach, "exact")
    yield _row(sensitive, NOTHING, growth, "exact")


def sensitivity(damage: np.ndarray) -> tuple[Estimate, str]:
    """Return the growth rate of damage in nat per layer, and an empty note.

    damage : (run,), neurons that differ `WINDOW` layers after one neuron was added; the rate is ln(mean) / `WINDOW`.

    With fewer than `FEWEST` runs, or where no run has any damage, the rate is NaN and the note says why.
    """
    if damage.size < FEWEST:
        return NOTHING, f"the middle layer had room for one neuron more in {damage.size} runs only"
    rate = estimators.log_mean_rate(damage[:, None], WINDOW)
    if np.isfinite(rate.value):
        return rate, ""
    left = estimators.unseen(damage.size)
    return rate, f"healed in all {damage.size} twins: a share of at most {left:.2g} is not (95 %)"


def _logarithm(mean: Estimate) -> Estimate:
    """Return ln(mean) / `WINDOW` with its interval; NaN where the interval of the mean does not lie above 0."""
    if not (mean.lo > 0 and mean.standard_error):
        return Estimate(np.nan, np.nan, np.nan, mean.n)
    value, lo, hi = (float(np.log(end) / WINDOW) for end in (mean.value, mean.lo, mean.hi))
    return Estimate(value, lo, hi, mean.n, mean.standard_error / mean.value / WINDOW)


def generator(seed: int, name: str, sigma: float) -> np.random.Generator:
    """Return a Philox generator keyed by seed, network and sigma, so that the draws of one member do not depend on
    which others are computed.
    """
    word = [int(k) for k in streams.key(seed, f"branching.atlas.{name}.{sigma:.12g}")]
    return np.random.Generator(np.random.Philox(key=word[0] | word[1] << 32))


def avalanches(
    draw: np.random.Generator, sigma: float, size: Mapping[str, int], rule: str
) -> tuple[np.ndarray, np.ndarray]:
    """Simulate avalanches from one active neuron each.

    Returns (run,) the active neurons after `WINDOW` layers, and (run,) whether the last layer has any active neuron.
    """
    counts, after = np.ones(size["runs"], np.int64), np.empty(0)
    for layer in range(1, size["layers"]):
        alive = counts > 0
        counts[alive] = draw.binomial(
            size["neurons"], activation(counts[alive], sigma, size["neurons"], rule)
        )
        if layer == WINDOW:
            after = counts.astype(float)
    return after, counts > 0


def twins(
    draw: np.random.Generator, sigma: float, size: Mapping[str, int], rule: str, spontaneous: float
) -> np.ndarray:
    """Return (run,) the number of neurons that are active only in the twin, to which one neuron was added `WINDOW`
    layers earlier in the middle layer of the driven network.

    Runs whose middle layer is full are left out, since no neuron can be added there.
    """
    neurons, middle = size["neurons"], (size["layers"] - 1) // 2
    counts = np.zeros(size["runs"], np.int64)
    for _ in range(middle):
        counts += draw.binomial(neurons - counts, spontaneous)
        counts = draw.binomial(neurons, activation(counts, sigma, neurons, rule))
    counts = counts[counts < neurons]
    extra = np.ones(counts.size, np.int64)
    for _ in range(WINDOW):
        silent = (
            neurons - counts - extra
        )  # neurons active in both twins; a spontaneous spike of the extra neuron ends the difference
        both = draw.binomial(extra, spontaneous)
        counts, extra = counts + both + draw.binomial(silent, spontaneous), extra - both
        low, high = (activation(k, sigma, neurons, rule) for k in (counts, counts + extra))
        fired = draw.binomial(neurons, low)
        share = np.divide(high - low, 1 - low, out=np.zeros(low.shape), where=low < 1)
        counts, extra = fired, draw.binomial(neurons - fired, np.clip(share, 0, 1))
    return extra


def exact_reach(sigma: float, neurons: int, layers: int, rule: str) -> float:
    """Return the probability that one active neuron in the first layer activates at least one neuron of the last
    layer.
    """
    matrix = exact.transition(sigma, neurons, rule)
    silent = np.eye(neurons + 1)[0]
    for _ in range(layers - 1):
        silent = matrix @ silent
    return float(max(0.0, 1 - silent[1]))


def exact_onset(sigma: float, neurons: int, rule: str) -> float:
    """Return ln E[k] / `WINDOW`, nat per layer, where k is the number of active neurons `WINDOW` layers after a
    single one.
    """
    mean = np.arange(neurons + 1.0)
    matrix = exact.transition(sigma, neurons, rule)
    for _ in range(WINDOW):
        mean = matrix @ mean
    return float(np.log(mean[1]) / WINDOW)


def exact_growth(sigma: float, neurons: int, layers: int, rule: str, spontaneous: float) -> float:
    """Return the growth rate over `WINDOW` layers, nat per layer, of the mean damage by one more neuron in the middle
    layer of the driven network.

    The mean damage is sum_k q_k (E[k_(h + 5) | k + 1] - E[k_(h + 5) | k]), where q is the law of layer h = (L - 1) //
    2 given k < N.
    """
    matrix = exact.transition(sigma, neurons, rule, spontaneous)
    law, mean = np.eye(neurons + 1)[0], np.arange(neurons + 1.0)
    for _ in range((layers - 1) // 2):
        law = law @ matrix
    for _ in range(WINDOW):
        mean = matrix @ mean
    return float(np.log((law[:-1] * np.diff(mean)).sum() / law[:-1].sum()) / WINDOW)


def exact_settling(sigma: float, neurons: int, rule: str) -> float:
    """Return -1 / ln(lambda), in layers, where lambda is the largest eigenvalue below 1 of the transition matrix.

    An eigenvalue of 1 belongs to a state that is never left: silence, and with the linear rule from sigma = 1 on all
    neurons active.
    """
    values = np.sort(np.abs(np.linalg.eigvals(exact.transition(sigma, neurons, rule))))
    return float(-1 / np.log(values[values < 1 - NEVER_LEFT][-1]))


def crossing(rule: str, small: tuple[int, int], large: tuple[int, int]) -> float:
    """Return the sigma at which L P(reach) is equal for two networks (neurons, layers), from their exact laws."""

    def difference(sigma: float) -> float:
        scaled = [layers * exact_reach(sigma, neurons, layers, rule) for neurons, layers in (small, large)]
        return scaled[1] - scaled[0]

    return float(brentq(difference, 0.9, 1.1, xtol=1e-9))


def _row(place: Place, estimate: Estimate, known: Known, average: str = "mean", note: str = "") -> Row:
    lo, hi = estimate.ci or (np.nan, np.nan)
    window = WINDOW if place.quantity in ("onset", "growth") else np.nan
    return Row(
        "branching", place.rule, float(place.control), "branching ratio sigma", float(place.size), "neurons wide",
        place.quantity, estimate.value, lo, hi, float(known.value), estimate.n, window, average, known.source, note,
    )  # fmt: skip


def summarise(table: pd.DataFrame) -> dict[str, Headline]:
    """Return headlines: where activity begins to reach the end, how fast it grows from one neuron, and where the
    network is most sensitive.

    table : atlas. The headlines are those of its first rule and of the widest network.
    """
    own = table[table["series"] == table["series"].iloc[0]]
    critical = own[own["quantity"] == "critical"].iloc[0]
    last = own["control"].max()
    peak = most_sensitive(own)
    rule = own["series"].iloc[0]
    small, large = pairs(rule)[MAIN[rule]]
    networks = " and ".join(f"{layers} layers of {neurons}" for neurons, layers in (small, large))
    return {
        "critical_sigma": headlines.headline(
            critical, f"Sigma at which layers times the probability to reach the last one is equal for {networks}",
            rank=1, exact=True, tolerance=FINITE, reason="the crossing of two finite networks, which tends to 1",
        ),
        "reach_above": headlines.headline(
            headlines.select(own, "order", last),
            f"Probability that one neuron's activity reaches the last layer of the widest network at sigma {last:g}",
            rank=2,
        ),
        "onset_above": headlines.headline(
            headlines.select(own, "onset", last),
            f"Growth rate of the activity of one neuron in the widest network at sigma {last:g}", rank=3,
        ),
        "growth_at_peak": headlines.headline(
            peak,
            f"Growth rate of one neuron's difference in the widest network at sigma {peak['control']:g}, the largest",
            rank=4, scale=RATE,
        ),
    }  # fmt: skip


def most_sensitive(table: pd.DataFrame) -> pd.Series:
    """Return the measured row of the widest network at the sigma where its exact growth rate is largest."""
    rows = table[(table["quantity"] == "growth") & (table["n"] > 0)]
    rows = rows[rows["size"] == rows["size"].max()]
    row: pd.Series = rows.loc[rows["theory"].idxmax()]
    return row


def panel(table: pd.DataFrame) -> Panel:
    """Return axes, headline sentence and caption of the two panels of this system, from the rows of the table."""
    rule = str(table["series"].iloc[0])
    own = table[table["series"] == rule]
    critical = own.loc[own["quantity"] == "critical", "value"].iloc[0]
    sizes = own.loc[own["n"] > 0, "size"]
    narrow, wide = (
        most_sensitive(own[own["size"] == size])["control"] for size in (sizes.min(), sizes.max())
    )
    title = f"Carries from σ = {critical:.3g} on; a wide network is most sensitive at {wide:g}"
    title += f", a narrow one at {narrow:g}" if narrow != wide else ""
    return Panel(
        title=title,
        series=rule,
        control_label="branching ratio σ",
        order_label="reaches the end",
        clock="one layer",
        caption=(
            "Layers of neurons, each active one activating sigma of the next layer. Order is whether one active neuron "
            "reaches the last layer, onset how fast its activity grows over 5 layers, growth what one more neuron in "
            "the middle of the driven network changes after 5 layers. Sizes differ in layers as well as in width. "
            "The disturbance is one whole neuron, added where a layer has room; wide layers above sigma = 1 are nearly "
            "always full, so that the curve there speaks of rare states. Saturation heals it. An experiment has many "
            "sigmas, so none is ringed."
        ),
        settling=(
            f"In layers, exact: how long what is left of activity takes to settle, for layers of up to {WIDEST} "
            "neurons; dashed beyond: -1 / ln sigma of an infinite layer. At sigma = 1 the time grows with the width."
        ),
    )
