"""Recursive reasoning in the atlas: the capture map against the radius of its window, and a training if one is named.

The map is a chaotic search that ends in a window. Its share of right answers and its mean exponent over T steps are
computed exactly by the transfer operator of the tent map, to which the search is conjugate. The unit of time is one
step.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from emergent_dynamics import store, streams
from emergent_dynamics.atlas import Panel, Row, estimators, headlines, tabulate
from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import capture_map, theory
from emergent_dynamics.reasoning.parameters import Capture
from emergent_dynamics.statistics import Estimate, mean_interval, proportion_interval

CENTRE, CONTRACTION = 0.4, 0.5  # parameters of the map: the defaults of the schema
FLOOR = -700.0  # lowest log slope that is counted; at 1/2 that of the map is -infinity
MAP, TRAINED = "map", "trained"
OPERATOR = "transfer operator of the tent map, to which the search is conjugate"
SEARCH = "the search alone: ln 2 per step, conjugate to the tent map"
BIAS = "one training; the exponent of QR lies below the exact one (bias.csv of the experiment), so no zero is read off"
ROUNDING = 17 / theory.GRID
NOTHING = Estimate(np.nan, np.nan, np.nan, 0)


def find(parameters: Mapping[str, Any], paths: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """Return the table atlas (`atlas.COLUMNS`) of the sweep that `parameters` describe.

    paths : `examples.csv` and the trajectory of the named training; empty without one. Raises ValueError, one line,
    where these have no checkpoints of a training.
    """
    rows = [row for steps in sorted(parameters["act_steps"]) for row in _of_map(parameters, steps)]
    if paths:
        examples, trajectory = paths
        with store.open_complete(trajectory) as found:
            window = json.loads(found.attrs["parameters"])["act_steps"]
        checkpoints = list(_of_training(pd.read_csv(examples), window, parameters["seed"]))
        if not checkpoints:
            raise ValueError(f"{examples}: no checkpoints; atlas.reasoning.trained must name a training")
        rows += checkpoints
    return {"atlas": tabulate(rows)}


def _of_map(parameters: Mapping[str, Any], steps: int) -> Iterator[Row]:
    radii = sorted(parameters["radius"])
    for radius in radii:
        share, exponents = simulated(parameters["seed"], radius, steps, parameters["examples"])
        known = exact(radius, steps)
        order = proportion_interval(int(share.sum()), share.size)
        yield _row("order", radius, steps, order, theory=known[0], source=OPERATOR)
        growth = mean_interval(exponents)
        yield _row("growth", radius, steps, growth, theory=known[1], source=OPERATOR)
    for radius in np.geomspace(radii[0], radii[-1], 31):
        share_known, growth_known = exact(float(radius), steps)
        alone = {"average": "exact", "source": OPERATOR}
        yield _row("order", radius, steps, NOTHING, theory=share_known, **alone)
        yield _row("growth", radius, steps, NOTHING, theory=growth_known, **alone)
    for radius in (radii[0], radii[-1]):
        yield _row("onset", radius, np.inf, NOTHING, theory=theory.LOGISTIC, source=SEARCH, average="exact")


def simulated(seed: int, radius: float, steps: int, examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (example,) whether the search ended in the window, and its mean log slope, nat per step.

    Starts are the same for every radius, and different from those of an experiment with this seed.
    """
    low, high = streams.key(seed, f"reasoning.atlas.{steps}")
    p = Capture(examples, steps, CENTRE, radius, 0.0, 0.0, CONTRACTION, int(low) | int(high) << 32)
    x = capture_map.trajectory(p)
    slopes = np.stack([np.maximum(capture_map.log_slope(step, p), FLOOR) for step in x[:-1]])
    return capture_map.regime(x[-1], p) == capture_map.RIGHT, slopes.mean(0)


def exact(radius: float, steps: int) -> tuple[float, float]:
    """The share of right answers after `steps` steps, and the mean exponent over them in nat per step."""
    share = float(theory.capture_probability(CENTRE, radius, steps)[-1])
    return share, theory.capture_growth(CENTRE, radius, steps, CONTRACTION)


def neutral_radius(steps: int) -> float:
    """Return the radius at which the mean exponent over `steps` steps is zero; it is about 1.2 / steps."""
    return float(brentq(lambda r: theory.capture_growth(CENTRE, r, steps, CONTRACTION), 1e-4, 0.3, xtol=1e-8))


def _of_training(examples: pd.DataFrame, window: int, seed: int) -> Iterator[Row]:
    """Yield accuracy and mean exponent of each checkpoint, with the bootstrap over symmetry classes of puzzles."""
    for label, own in examples.groupby("table", sort=False):
        step = re.fullmatch(r"step_(\d+)", str(label))
        if step is None:
            continue
        place = {"series": TRAINED, "control_name": "training step", "size_name": "", "note": BIAS}
        for quantity, column in (("order", "correct"), ("growth", "lambda1")):
            estimate = class_mean(own[column].to_numpy(float), own["base_puzzle"].to_numpy(), seed)
            timed = {"window": float(window)} if quantity == "growth" else {}
            yield _row(quantity, float(step[1]), np.nan, estimate, **place, **timed)


def class_mean(values: np.ndarray, classes: np.ndarray, seed: int) -> Estimate:
    """Return the mean over examples with the percentile bootstrap over classes, which are the independent units."""
    _, of = np.unique(classes, return_inverse=True)
    total, count = np.bincount(of, values), np.bincount(of)
    drawn = estimators.resamples(count.size, seed, "reasoning.atlas.bootstrap")
    resampled = total[drawn].sum(1) / count[drawn].sum(1)
    return estimators.percentile_interval(float(values.mean()), resampled, count.size)[0]


def _row(quantity: str, control: float, size: float, estimate: Estimate, **others: Any) -> Row:
    lo, hi = estimate.ci or (np.nan, np.nan)
    rest: dict[str, Any] = {
        "series": MAP, "control_name": "radius of the window", "size_name": "steps", "theory": np.nan,
        "average": "mean" if quantity == "order" else "mean of log",
        "window": size if quantity == "growth" else np.nan,
    }  # fmt: skip
    return Row(
        system="reasoning", control=float(control), size=float(size), quantity=quantity, value=estimate.value,
        lo=lo, hi=hi, n=estimate.n, **rest | others,
    )  # fmt: skip


def summarise(table: pd.DataFrame) -> dict[str, Headline]:
    """Return headlines of the share right and the mean exponent of the map at the middle radius, with their exact
    values, and of the radius at which the exponent is zero.

    table : atlas. The headlines are those of the shortest window of the map.
    """
    own = table[(table["series"] == MAP) & (table["n"] > 0)]
    steps = own["size"].min()
    radii = np.sort(own["control"].unique())
    radius = radii[len(radii) // 2]
    rounded: dict[str, Any] = {
        "tolerance": ROUNDING,
        "reason": f"windows are cut on a grid of {theory.GRID} cells",
    }
    return {
        "right": headlines.headline(
            headlines.select(own, "order", radius, steps),
            f"Share right after {steps:g} steps of the map at radius {radius:g}", rank=1, **rounded,
        ),
        "exponent": headlines.headline(
            headlines.select(own, "growth", radius, steps),
            f"Mean exponent over {steps:g} steps of the map at radius {radius:g}", rank=2, scale=theory.LOGISTIC,
        ),
        "neutral_radius": Headline(
            neutral_radius(int(steps)), None, 0, "1",
            f"Radius at which the mean exponent over {steps:g} steps is zero; it moves as one over the steps",
            rank=3, exact=True, note="by the transfer operator, without a sample",
        ),
    }  # fmt: skip


def panel(table: pd.DataFrame) -> Panel:
    """Return axes, headline sentence and caption of the two panels of this system, from the rows of the table."""
    own = table[(table["series"] == MAP) & (table["n"] > 0)]
    windows = own["size"].unique()
    own = own[own["size"] == windows.min()].sort_values("control")
    order, growth = (own.loc[own["quantity"] == name, "value"].to_numpy() for name in ("order", "growth"))
    more = "Right more often" if order[-1] > order[0] else "Not right more often"
    less = "less sensitive" if growth[-1] < growth[0] else "not less sensitive"
    steps = int(own["size"].iloc[0])
    zeros = [neutral_radius(int(window)) for window in np.sort(windows)]
    return Panel(
        title=f"{more} with a wider window, and {less}",
        series=MAP,
        control_label="radius of the window",
        order_label="share right" + (f" after {steps} steps" if len(windows) == 1 else " at the end"),
        clock="one step",
        caption=(
            "A chaotic search that ends in a window around the right answer. Growth is its mean exponent over the "
            f"steps that it is given. Over {steps} steps it is zero at radius {zeros[0]:.3f}, dotted; this is a matter "
            "of their number, since the radius falls as one over it, and is no critical point. Dashed "
            "above and below: exact. Dashed level: the search alone, ln 2. Trained networks stand in the table only: "
            "one training, whose exponent has a bias."
        ),
        logarithmic=True,
        zeros=zeros,
        zeros_label="∝ 1 / steps",
        settling="Not measured: the search ends when it is captured, and the share right is that after a given time.",
    )
