"""Standard errors of the second code's numbers in `causal.theory`: how far 200 (or 100) runs may lie from the truth.

    python performance/causal_errors.py [runs]    # 1,000 runs by default, about three minutes

The second code printed means, percentiles and shares of 200 runs, but not their errors. The spread between runs
belongs to the system and not to a code, so it is taken from many runs of our flow (tolerance 1e-4).
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from emergent_dynamics.causal import groups, model, renyi
from emergent_dynamics.causal.findings import capture, centres, thresholds
from emergent_dynamics.causal.kernels import ode
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.config.schema import read_schemas, resolve

GAP = 0.49
TIMES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 300.0, 476.0, 500.0)


def frames(beta: float, tokens: int, runs: int, times: tuple[float, ...]) -> np.ndarray:
    """(run, 1 + time, token, coord): the start, and the flow at the times."""
    changes = {
        "beta": beta,
        "tokens": tokens,
        "runs": runs,
        "tolerance": 1e-4,
        "integrator": "ode",
        "seed": 20,
    }
    p = Parameters.from_config(resolve(read_schemas()[1]["causal"], changes))
    x = model.initial(p)
    found, step_size, evaluations = [x.copy()], np.zeros(runs), np.zeros(runs, np.int64)
    for start, stop in zip((0.0, *times), times, strict=False):
        ode.flow(x, step_size, evaluations, p, start, stop)
        found.append(x.copy())
    return np.stack(found, axis=1)


def row(values: np.ndarray, sample: int) -> str:
    """Mean of our runs, and the standard error of the mean of `sample` runs."""
    return f"{values.mean():8.4f}  error {values.std(ddof=1) / sample**0.5:.4f}"


def main(runs: int) -> None:
    slopes = []
    for beta in (16.0, 25.0, 36.0, 49.0, 64.0, 100.0, 144.0, 256.0):
        x = frames(beta, 256, runs if beta == 49.0 else max(50, runs // 4), TIMES)
        counts = np.stack(
            [groups.n_clusters(groups.label(x[:, k], GAP / beta**0.5)) for k in range(x.shape[1])], 1
        )
        for time, values in zip(TIMES, counts[:, 1:].T, strict=True):
            print(f"n_clusters, beta {beta:g}, t = {time:g}: {row(values, 200)}", flush=True)
        last = counts[:, -1]
        print(f"groups / sqrt(beta), beta {beta:g}: {row(last / beta**0.5, 100)}")
        slopes.append((np.log(beta), (last.std(ddof=1) / last.mean()) ** 2 / 100))
        if beta == 49.0:
            end(x[:, 0], x[:, -2], beta)
    axis, variance = np.array(slopes).T
    weight = (axis - axis.mean()) / ((axis - axis.mean()) ** 2).sum()
    print(f"exponent: error {(weight**2 * variance).sum() ** 0.5:.4f}")
    capture_times = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
    x = frames(64.0, 200, max(50, runs // 4), capture_times)
    for kind, chosen in renyi.centres(x[:, 0], capture.SCALE / 8.0).items():
        for time, values in zip((0.0, *capture_times), capture.share(x, chosen, 1.0 / 8.0).T, strict=True):
            print(f"captured_{kind}, t = {time:g}: {row(values, 200)}")


def end(start: np.ndarray, last: np.ndarray, beta: float) -> None:
    """Leaders, thresholds and scores of centres at t = 476, beta = 49."""
    labels = groups.label(last, GAP / beta**0.5)
    leads = groups.leads(labels)
    count = leads.sum(-1).astype(float)
    rng = np.random.default_rng(1)
    print(f"leaders_mean: {row(count, 200)}")
    drawn = rng.choice(count, (2000, 200)).std(axis=1, ddof=1)
    print(f"leaders_sd: {count.std(ddof=1):.4f}  error {drawn.std():.4f}")
    separation = renyi.separation(start)
    for name, values in zip(
        thresholds.COLUMNS, thresholds.extremes(separation * beta**0.5, leads), strict=True
    ):
        known = values[~np.isnan(values)]
        for percent in thresholds.PERCENTILES:
            drawn = np.percentile(rng.choice(known, (2000, 200)), percent, axis=1)
            print(f"{name}_p{percent}: {np.percentile(known, percent):.3f}  error {drawn.std():.4f}")
    low, high = thresholds.extremes(separation, leads)
    print(f"perfect_threshold: {row((low < high)[~np.isnan(low + high)].astype(float), 200)}")
    for c in (3.0, 3.5, 4.0, 4.4, 5.0):
        delta = c / beta**0.5
        for kind, chosen in (
            ("strong", renyi.strong(separation, delta)),
            ("renyi", renyi.renyi(start, delta)),
        ):
            scores = centres.score(chosen, leads)
            for score in ("precision", "recall", "f1", "exact"):
                print(f"{kind}_c{c:g}_{score}: {row(scores[score].astype(float), 200)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
