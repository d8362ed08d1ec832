"""Causal attention in the atlas: groups, onset and sensitivity against beta, on the circle with Q = K = V = 1.

All parameters but beta and the numbers of tokens and runs are the defaults of the schema: the map with a causal mask.
One natural time is one unit of time of the ODE, in which a token relaxes onto a leader at rest; see
`Parameters.clock`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ive

from emergent_dynamics import streams
from emergent_dynamics.atlas import Panel, Row, estimators, headlines, tabulate
from emergent_dynamics.causal import exact, groups
from emergent_dynamics.causal.kernels import cpu
from emergent_dynamics.causal.parameters import Parameters, chord_gap
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, mean_interval

STREAM = "causal.atlas"
SMALL = 1e-7  # rad; with 1e-8 the logarithms of lengths agree to 0.002
WINDOW, ONSET_TIME = 5, 1  # natural times
SEPARATION = 4.0  # separation of strong centres, in 1 / sqrt(beta)
SERIES, WHOLE = "map", "whole_run"
CENTRES = (
    "exact mean number of strong Rényi centres at c = 4: a predictor with a chosen c, no theorem about groups"
)
UNIFORM = "linear response of the uniform density of infinitely many tokens, of Euler's step (uniform_onset)"
NOTHING = Estimate(np.nan, np.nan, np.nan, 0)


class Followed(NamedTuple):
    """ln_length (time, run): logarithm of the length of a disturbance relative to its first, at natural times 1, 2, ...
    x : the tokens at the end."""

    ln_length: np.ndarray
    x: np.ndarray


def find(parameters: Mapping[str, Any], paths: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """The table atlas (`atlas.COLUMNS`) of the sweep that `parameters` describe; nothing is read from `paths`."""
    return {"atlas": tabulate(_rows(parameters))}


def _rows(parameters: Mapping[str, Any]) -> Iterator[Row]:
    betas = np.sort(np.asarray(parameters["beta"], float))
    for tokens in sorted(parameters["sizes"]):
        for beta in betas:
            yield from _member(parameters, float(beta), tokens)
    largest = max(parameters["sizes"])
    for beta in np.linspace(betas[0], betas[-1], 60):
        centres = exact.strong_centres(SEPARATION / np.sqrt(beta), largest, 2)
        yield _row("order", beta, np.inf, NOTHING, centres, CENTRES, average="exact")
        yield _row("onset", beta, np.inf, NOTHING, uniform_onset(beta, 0.05), UNIFORM, average="exact")


def _member(parameters: Mapping[str, Any], beta: float, tokens: int) -> Iterator[Row]:
    p = experiment(beta, tokens, parameters["runs"])
    x = start(parameters["seed"], tokens, parameters["runs"])
    end = parameters["end_time"]
    rates = onset(p, x)
    followed = follow(p, x, parameters["seed"], end)
    label = groups.label(followed.x, chord_gap({"scaled": 0.49}, beta))
    count = groups.n_clusters(label).astype(float)
    centres = exact.strong_centres(SEPARATION / np.sqrt(beta), tokens, 2)
    peak = followed.ln_length.max(0)
    order, note = counted(count)
    yield _row("order", beta, tokens, order, centres, CENTRES, note=note)
    yield _row("onset", beta, tokens, mean_interval(rates), uniform_onset(beta, p.step_size), UNIFORM)
    yield _row("growth", beta, tokens, mean_interval(followed.ln_length[WINDOW - 1] / WINDOW))
    yield _row("amplification", beta, tokens, mean_interval(np.maximum(peak, 0.0)))
    yield _row("growth", beta, tokens, mean_interval(followed.ln_length[-1] / end), series=WHOLE, window=end)


def counted(groups: np.ndarray) -> tuple[Estimate, str]:
    """Return the mean number of groups (run,) with Student's interval; none, and why, where all runs have the same."""
    found = mean_interval(groups, 1.0)
    if found.lo < found.hi:
        return found, ""
    share = estimators.unseen(found.n)
    note = f"{found.value:g} in all {found.n} runs: at most a share of {share:.2g} of runs has another (95 %)"
    return Estimate(found.value, np.nan, np.nan, found.n), note


def experiment(
    beta: float, tokens: int, runs: int, mask: str = "causal", step_size: float = 0.05
) -> Parameters:
    """The parameters of an experiment: the defaults of the schema with these values."""
    given = {"beta": beta, "tokens": tokens, "runs": runs, "mask": mask, "step_size": step_size}
    return Parameters.from_config(resolve(read_schemas()[1]["causal"], given))


def start(seed: int, tokens: int, runs: int) -> np.ndarray:
    """(run, token, coord) independent and uniform on the circle; the same for every beta, new for every size."""
    angle = [streams.uniform(seed, f"{STREAM}.{tokens}", run, 0, tokens) for run in range(runs)]
    return _circle(2 * np.pi * np.stack(angle))


def _circle(angle: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _steps(p: Parameters, time: float) -> int:
    return round(time / p.clock)


def onset(p: Parameters, x: np.ndarray) -> np.ndarray:
    """(run,) growth rate over `ONSET_TIME` of the disturbance d angle_j = sin(m angle_j), projected on itself, where m
    is the harmonic that grows fastest.

    x : (run, token, coord), the disordered state.
    """
    angle = np.arctan2(x[..., 1], x[..., 0])
    pattern = np.sin(exact.fastest_harmonic(p.beta) * angle)
    both = np.concatenate([x, _circle(angle + SMALL * pattern)])
    cpu.advance(both, p, _steps(p, ONSET_TIME))
    one, other = both[: len(x)], both[len(x) :]
    moved = _angle_between(one, other) / SMALL
    return np.log((moved * pattern).sum(-1) / (pattern**2).sum(-1)) / ONSET_TIME


def _angle_between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The signed angle between two unit vectors, without the cancellation of subtracting two arctangents."""
    cross = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    return np.arctan2(cross, (one * other).sum(-1))


def follow(p: Parameters, x: np.ndarray, seed: int, end: float) -> Followed:
    """Follow a disturbance of all tokens, isotropic with RMS length `SMALL`, at natural times 1 to `end`."""
    runs, tokens = x.shape[:2]
    shift = np.stack([streams.normal(seed, f"{STREAM}.{tokens}", run, 1, tokens) for run in range(runs)])
    shift *= SMALL / np.sqrt((shift**2).mean(-1, keepdims=True))
    both = np.concatenate([x, _circle(np.arctan2(x[..., 1], x[..., 0]) + shift)])
    first, found = _length(both, runs), []
    for _ in range(round(end)):
        cpu.advance(both, p, _steps(p, 1.0))
        found.append(np.log(_length(both, runs) / first))
    return Followed(np.array(found), both[:runs])


def _length(both: np.ndarray, runs: int) -> np.ndarray:
    return np.sqrt((_angle_between(both[:runs], both[runs:]) ** 2).sum(-1))


def uniform_onset(beta: float, step_size: float) -> float:
    """Growth rate of the fastest harmonic around the uniform density under Euler's step, nat per natural time.

    ln(1 + lambda h) / clock, h = dt / (1 + dt I_1 / I_0), clock = dt / (1 + dt): the mean that a token sees is
    I_1 / I_0 long, so that normalising divides by 1 + dt I_1 / I_0. lambda is `exact.uniform_growth`. It holds under
    the causal mask too: a' = lambda (1 / s) int_0^s a, Cesaro's operator, has the constant mode (Brown, Halmos &
    Shields 1965).
    """
    fastest = np.array([exact.fastest_harmonic(beta)])
    rate = float(exact.uniform_growth(beta, fastest)[0])
    step = step_size / (1 + step_size * ive(1, beta) / ive(0, beta))
    return float(np.log1p(rate * step) * (1 + step_size) / step_size)


def _row(
    quantity: str,
    beta: float,
    tokens: float,
    estimate: Estimate,
    expected: float = np.nan,
    source: str = "",
    **others: Any,
) -> Row:
    lo, hi = estimate.ci or (np.nan, np.nan)
    window = {"onset": ONSET_TIME, "growth": WINDOW}.get(quantity, np.nan)
    rest = {"series": SERIES, "window": window, "average": "mean" if quantity == "order" else "mean of log"}
    return Row(
        system="causal", control=float(beta), control_name="inverse temperature beta", size=float(tokens),
        size_name="tokens", quantity=quantity, value=estimate.value, lo=lo, hi=hi, theory=expected, n=estimate.n,
        source=source, **rest | others,
    )  # fmt: skip


def summarise(table: pd.DataFrame) -> dict[str, Headline]:
    """Headlines: how the number of groups grows with beta, and that a disturbance grows only for a limited time.

    table : the table atlas, of which the largest size is used.
    """
    own = table[(table["n"] > 0) & (table["size"] == table.loc[table["n"] > 0, "size"].max())]
    last = own["control"].max()
    amplification = headlines.select(own, "amplification", last)
    whole = headlines.select(own[own["series"] == WHOLE], "growth", last)
    drawn = own[own["series"] == SERIES]
    return {
        "groups_at_largest_beta": headlines.headline(
            headlines.select(own, "order", last),
            f"Groups at the end of the atlas at beta = {last:g}", None, rank=1,
        ),
        "growth_early": headlines.headline(
            headlines.select(drawn, "growth", last),
            f"Growth rate of a small disturbance over {WINDOW} natural times at beta = {last:g}", None, rank=2,
        ),
        "growth_whole": headlines.headline(
            whole,
            f"Growth rate of a small disturbance over the whole run of {whole['window']:g} natural times at "
            f"beta = {last:g}",
            None, rank=3,
        ),
        "amplification": headlines.headline(
            amplification, f"Largest logarithm of the length of a disturbance at beta = {last:g}", None, rank=4
        ),
    }  # fmt: skip


def panel(table: pd.DataFrame) -> Panel:
    """Axes, sentence and caption of the system's two panels, from its rows."""
    own = table[(table["n"] > 0) & (table["size"] == table.loc[table["n"] > 0, "size"].max())]
    order = own[own["quantity"] == "order"].sort_values("control")
    power = np.polyfit(np.log(order["control"]), np.log(order["value"]), 1)[0]
    peak = own.loc[own["quantity"] == "amplification", "value"]
    whole = own[own["series"] == WHOLE]
    end = whole["window"].iloc[0]
    heals = (whole["value"] * end).to_numpy().mean() < peak.mean() - 1
    fate = "then shrinks" if heals else "and stays"
    return Panel(
        title=f"Groups grow as β^{power:.2f}; a disturbance grows {np.exp(peak.mean()):.0f}-fold, {fate}",
        series=SERIES,
        control_label="inverse temperature β",
        order_label=f"groups at time {end:g}",
        clock="one unit of time, in which a token relaxes onto a leader that stays",
        caption=(
            "Tokens on the circle under causal attention. Onset is the growth rate of the fastest harmonic "
            "around uniform tokens, growth that of a small displacement of all tokens over 5 time units. The number "
            "of groups depends on the time at which they are counted and falls to one in the end. There is no "
            "transition in beta, and no critical point is drawn. Dashed above: a predictor, the mean number of strong "
            "Rényi centres at c = 4; below: the limit of infinitely many tokens, far above a few hundred random ones."
        ),
        settling="Not measured: groups go on merging, ever more slowly, until one is left.",
    )
