"""A second code of the circle under causal attention: the numbers of causal/second_code.py.

Written apart from the library: angles instead of vectors, the sum over earlier tokens taken pair by pair, Bogacki and
Shampine's method of order 3 with a step of its own for every run, NumPy's own random numbers, groups and centres by
their definitions; nothing of `emergent_dynamics` is imported. `python performance/causal_second_code.py check` compares
leaders with those of SciPy's DOP853 at a tolerance of 1e-10.

Run: python performance/causal_second_code.py              # all cases, 80 minutes of one core
     python performance/causal_second_code.py CASE [RUNS]  # one of them, printed only

The first form writes workflow/scripts/emergent_dynamics/causal/second_code.py: (mean, standard error) of every number.
Where all runs agree there is no error, and the number is left out. Means have the error of the mean; percentiles,
standard deviations and harmonic means that of 400 bootstrap samples.
"""

import sys
import time
from pathlib import Path

import numba
import numpy as np

GAP = 0.49  # chord below which two tokens are in one group, in 1 / sqrt(beta)
TOLERANCE = 1e-5  # root mean square over tokens of the error of a step, radian
COUNT_TIMES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 300.0, 500 / 1.05, 500.0)
CAPTURE_TIMES = (0.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
SEPARATIONS = (3.0, 3.5, 4.0, 4.4, 5.0)
CASES = {  # beta, tokens, runs
    "end49": (49.0, 256, 20_000),
    "end64": (64.0, 256, 20_000),
    "capture64": (64.0, 200, 20_000),
    **{f"end{beta:g}": (beta, 256, 20_000) for beta in (16.0, 25.0, 36.0, 100.0, 144.0, 256.0)},
}
OUTPUT = Path(__file__).parents[1] / "workflow/scripts/emergent_dynamics/causal/second_code.py"


@numba.njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def velocity(angle, beta, out):
    """d angle_k / dt = sum over j <= k of w_kj sin(angle_j - angle_k), w_kj of exp(beta (cos - 1)), normalised."""
    cosine, sine = np.cos(angle), np.sin(angle)
    for k in range(angle.size):
        weights, pull = 0.0, 0.0
        for j in range(k + 1):
            x = beta / 4096.0 * (cosine[k] * cosine[j] + sine[k] * sine[j] - 1.0)
            weight = 1.0 + x * (1.0 + x * (1.0 / 2.0 + x * (1.0 / 6.0)))
            for _ in range(12):  # e^x = (e^(x / 4096))^4096; at beta = 256 velocities are right to 2e-12
                weight *= weight
            weights += weight
            pull += weight * (cosine[k] * sine[j] - sine[k] * cosine[j])
        out[k] = pull / weights


@numba.njit(cache=True)
def flow(angle, beta, times, tolerance):
    """(time, token) angles at increasing times, from `angle` at time 0, and the number of evaluations."""
    n = angle.size
    k1, k2, k3, k4 = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    out = np.empty((times.size, n))
    now, step, evaluations = 0.0, 0.01, 1
    velocity(angle, beta, k1)
    for i in range(times.size):
        while now < times[i]:
            h = min(step, times[i] - now)
            velocity(angle + h / 2.0 * k1, beta, k2)
            velocity(angle + 0.75 * h * k2, beta, k3)
            after = angle + h * (2.0 * k1 + 3.0 * k2 + 4.0 * k3) / 9.0
            velocity(after, beta, k4)
            evaluations += 3
            wrong = h * (-5.0 * k1 + 6.0 * k2 + 8.0 * k3 - 9.0 * k4) / 72.0
            error = np.sqrt((wrong**2).mean()) / tolerance
            if error <= 1.0:
                angle = after
                k1, k4 = k4, k1
                now = times[i] if h == times[i] - now else now + h
            if error > 1.0 or h == step:
                step = h * min(4.0, max(0.2, 0.9 * (error + 1e-12) ** (-1.0 / 3.0)))
        out[i] = angle
    return out, evaluations


def leaders(angle, gap):
    """The smallest token of each group: pieces of the ring between neighbours at least a chord `gap` apart."""
    order = np.argsort(angle % (2 * np.pi))
    ring = angle[order] % (2 * np.pi)
    to_next = np.diff(np.append(ring, ring[0] + 2 * np.pi))
    cuts = np.flatnonzero(2 * np.sin(np.minimum(to_next, np.pi) / 2) >= gap) + 1
    if cuts.size < 2:
        return np.array([0])
    rolled = np.roll(order, -cuts[0])
    return np.sort([piece.min() for piece in np.split(rolled, (cuts[1:] - cuts[0]))])


def arcs(a, b):
    """Distances on the circle."""
    return np.abs((a - b + np.pi) % (2 * np.pi) - np.pi)


def separations(angle):
    """(token,) distance to the nearest earlier token; infinite for token 0."""
    apart = arcs(angle[:, None], angle)
    return np.where(np.tri(angle.size, k=-1, dtype=bool), apart, np.inf).min(axis=1)


def renyi(angle, delta):
    """Tokens farther than delta from every earlier one that was taken."""
    taken, free = [], np.ones(angle.size, bool)
    while free.any():
        taken.append(int(np.argmax(free)))
        free &= arcs(angle, angle[taken[-1]]) > delta
    return np.array(taken)


def both_kinds(angle, apart, delta):
    return {"strong": np.flatnonzero(apart > delta), "renyi": renyi(angle, delta)}


def scores(start, apart, lead, root):
    """What one run says about its end: leaders `lead`, separations `apart` (token,) in 1 / `root`."""
    follows = np.ones(start.size, bool)
    follows[lead] = False
    numbers = {
        "leaders": lead.size,
        "min_separation": apart[follows].max() if follows.any() else np.nan,
        "max_separation": apart[lead[1:]].min() if lead.size > 1 else np.nan,
    }
    for c in SEPARATIONS:
        for kind, chosen in both_kinds(start, apart / root, c / root).items():
            hits = np.intersect1d(chosen, lead).size
            numbers[f"{kind}_c{c:g}_precision"] = hits / chosen.size
            numbers[f"{kind}_c{c:g}_recall"] = hits / lead.size
            numbers[f"{kind}_c{c:g}_exact"] = float(hits == chosen.size == lead.size)
    return numbers


def run(beta, tokens, number):
    """One run: {(name, time): number}."""
    root = beta**0.5
    start = np.random.default_rng([2411, 4990, tokens, round(beta), number]).uniform(0, 2 * np.pi, tokens)
    if tokens == 200:
        frames, _ = flow(start.copy(), beta, np.array(CAPTURE_TIMES[1:]), TOLERANCE)
        frames = np.vstack([start, frames])
        kinds = both_kinds(start, separations(start), 4 / root)
        return {
            (f"captured_{kind}", t): (arcs(x[:, None], x[chosen]).min(axis=1) <= 1 / root).mean()
            for kind, chosen in kinds.items()
            for t, x in zip(CAPTURE_TIMES, frames, strict=True)
        }
    frames, _ = flow(start.copy(), beta, np.array(COUNT_TIMES), TOLERANCE)
    lead = [leaders(x, GAP / root) for x in frames]
    numbers = {("n_clusters", t): some.size for t, some in zip(COUNT_TIMES, lead, strict=True)}
    if beta == 49.0:
        apart = separations(start) * root
        for t, some in zip(COUNT_TIMES[-2:], lead[-2:], strict=True):
            numbers |= {(name, t): value for name, value in scores(start, apart, some, root).items()}
    return numbers


def bootstrap(values, statistic, samples=400):
    """Value and standard error of a statistic of rows (run, column), runs drawn again."""
    rng = np.random.default_rng(7)
    drawn = [statistic(values[rng.integers(0, len(values), len(values))]) for _ in range(samples)]
    return float(statistic(values)), float(np.std(drawn, ddof=1))


def estimates(columns):
    """{(name, time): (value, standard error)} from {(name, time): (run,)}."""
    found = {}
    for (name, t), values in columns.items():
        if name.endswith("separation"):
            known = values[~np.isnan(values)]
            for percent in (10, 25, 50, 75, 90):
                found[f"{name}_p{percent}", t] = bootstrap(known, lambda v, q=percent: np.percentile(v, q))
            continue
        mean, error = values.mean(), values.std(ddof=1) / len(values) ** 0.5
        found["leaders_mean" if name == "leaders" else name, t] = (float(mean), float(error))
        if name == "leaders":
            found["leaders_sd", t] = bootstrap(values, lambda v: v.std(ddof=1))
        if name.endswith("precision"):
            recall = columns[name.replace("precision", "recall"), t]
            both = np.stack([values, recall], axis=1)
            found[name.replace("precision", "f1"), t] = bootstrap(both, lambda v: 2 / (1 / v.mean(0)).sum())
    for t in {t for name, t in columns if name == "min_separation"}:
        low, high = columns["min_separation", t], columns["max_separation", t]
        perfect = (low < high)[~np.isnan(low + high)]
        error = perfect.std(ddof=1) / perfect.size**0.5
        found["perfect_threshold", t] = (float(perfect.mean()), float(error))
    return found


def case(name, runs=None):
    """{(name, beta, tokens, time): (value, standard error, runs)} of one case."""
    beta, tokens, planned = CASES[name]
    runs, began = runs or planned, time.process_time()
    rows = [run(beta, tokens, number) for number in range(runs)]
    columns = {key: np.array([row[key] for row in rows], float) for key in rows[0]}
    spent = time.process_time() - began
    print(f"{name}: {runs} runs, {spent:.0f} s", file=sys.stderr, flush=True)
    return {
        (number, beta, tokens, round(t, 3)): (*found, runs)
        for (number, t), found in sorted(estimates(columns).items())
    }


def rounded(value, error):
    """The error to two digits, the value to as many places."""
    places = 4 if error == 0 else max(0, 1 - int(np.floor(np.log10(error))))
    return f"{value:.{places}f}, {error:.{places}f}"


def write(numbers):
    """The module that causal/theory.py reads."""
    lines = [
        '"""Results of a second, independent code for the model of the original study; see `theory`.',
        "",
        "This file is written by performance/causal_second_code.py, which can be run again; do not edit it.",
        '"""',
        "",
        "# (name, beta, tokens, time): (value, standard error, runs)",
        "NUMBERS = {",
        *(
            f'    ("{n}", {beta}, {tokens}, {t}): ({rounded(value, error)}, {runs}),'
            for (n, beta, tokens, t), (value, error, runs) in numbers.items()
            if error > 0
        ),
        "}",
    ]
    OUTPUT.write_text("\n".join(lines) + "\n")


def check(runs=20):
    """Leaders at every time against SciPy's DOP853 at 1e-10 on the same tokens, and the largest angle between them."""
    from scipy.integrate import solve_ivp

    for beta in (16.0, 49.0, 256.0):
        same, worst, evaluations = 0, 0.0, []
        for number in range(runs):
            start = np.random.default_rng([1, number]).uniform(0, 2 * np.pi, 256)
            frames, used = flow(start.copy(), beta, np.array(COUNT_TIMES), TOLERANCE)

            def exact(_, angle, beta=beta):
                apart = angle - angle[:, None]
                weight = np.tril(np.exp(beta * (np.cos(apart) - 1)))
                return (weight * np.sin(apart)).sum(1) / weight.sum(1)

            found = solve_ivp(exact, (0, 500), start, "DOP853", COUNT_TIMES, rtol=1e-10, atol=1e-10).y.T
            evaluations.append(used)
            worst = max(worst, float(np.abs(found - frames).max()))
            same += sum(
                np.array_equal(leaders(a, GAP / beta**0.5), leaders(b, GAP / beta**0.5))
                for a, b in zip(found, frames, strict=True)
            )
        print(
            f"beta {beta:g}: the same leaders in {same} of {runs * len(COUNT_TIMES)} frames, largest difference "
            f"{worst:.2g} rad, {np.mean(evaluations):.0f} evaluations a run"
        )


def main():
    if len(sys.argv) == 1:
        numbers = {}
        for name in CASES:
            numbers |= case(name)
            write(numbers)
    elif sys.argv[1] == "check":
        check(*map(int, sys.argv[2:]))
    else:
        for key, (value, error, _) in case(sys.argv[1], *map(int, sys.argv[2:])).items():
            print(*key, rounded(value, error))


if __name__ == "__main__":
    main()
