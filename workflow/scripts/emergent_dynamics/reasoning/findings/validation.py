"""Validation of the estimator: the same code that diagnoses the networks, applied to systems with known exponents.

The rule `reasoning_validation` stops the workflow when a known exponent is missed. Exponents are computed in float64,
in nat per step (Lorenz: per unit time); an exponent with an interval is a mean over independent trajectories.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from emergent_dynamics import streams
from emergent_dynamics.findings import Expectation, Headline, agrees
from emergent_dynamics.reasoning import capture_map, diagnose, model, theory
from emergent_dynamics.reasoning.kernels import exponents, known_systems
from emergent_dynamics.reasoning.kernels.exponents import Dynamics
from emergent_dynamics.reasoning.parameters import Capture, Network
from emergent_dynamics.statistics import Estimate, mean_interval

SEED = 1  # seed of the rule `reasoning_validation`
PER_STEP, PER_TIME = "nat per step", "nat per unit time"


class Check(NamedTuple):
    """One measured number: its name in `theory.VALIDATION`, the estimate, unit and sentence.

    expected : the expectation where it depends on what was drawn, else that of `theory.VALIDATION`.
    """

    name: str
    measured: Estimate
    unit: str
    sentence: str
    expected: Expectation | None = None


def find(seed: int) -> dict[str, pd.DataFrame]:
    """Table `validation`: one row per check of each known system; takes about 5 s on one core.

    Columns: check, sentence, unit, measured, ci_low, ci_high, standard_error (NaN: not sampled), n, then expected,
    relation, tolerance, reason, kind, source.
    """
    torch.set_num_threads(1)
    return {"validation": tabulate([check for system in SYSTEMS.values() for check in system(seed)])}


def tabulate(checks: list[Check]) -> pd.DataFrame:
    """The table of `find`, from its checks."""
    rows = []
    for name, measured, unit, sentence, expected in checks:
        expectation = expected or theory.validation(name)
        rows.append(
            {
                "check": name,
                "sentence": sentence,
                "unit": unit,
                "measured": measured.value,
                "ci_low": measured.lo,
                "ci_high": measured.hi,
                "standard_error": np.nan if measured.standard_error is None else measured.standard_error,
                "n": measured.n,
                "expected": expectation.value,
                "relation": expectation.relation,
                "tolerance": expectation.tolerance,
                "reason": expectation.reason,
                "kind": expectation.kind,
                "source": expectation.source,
            }
        )
    return pd.DataFrame(rows)


def summarise(rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Every check as a headline; what was not sampled is compared within its tolerance alone."""
    headlines = {}
    for row in rows["validation"].to_dict("records"):
        sampled = np.isfinite(row["standard_error"])
        expectation = Expectation(
            row["expected"],
            row["source"],
            row["kind"],
            relation=row["relation"],
            tolerance=row["tolerance"],
            reason=row["reason"],
            scale=theory.validation_scale(row["check"]),
        )
        headlines[row["check"]] = Headline(
            row["measured"],
            (row["ci_low"], row["ci_high"]) if sampled else None,
            int(row["n"]),
            row["unit"],
            row["sentence"],
            expectation,
            standard_error=row["standard_error"] if sampled else None,
            exact=not sampled,
        )
    return headlines


def require(headlines: Mapping[str, Headline]) -> None:
    """Raise ValueError that names the checks that disagree or cannot be compared, if there are any."""
    missed = []
    for name, headline in headlines.items():
        verdict, expectation = agrees(headline), headline.expectation
        if verdict is not None and expectation is not None and verdict.outcome != "agrees":
            wanted = f"{expectation.relation} {expectation.value:.6g}"
            missed.append(
                f"{name} = {headline.value:.6g}, must be {wanted} ({verdict.reason or verdict.outcome})"
            )
    if missed:
        listed = "; ".join(missed)
        raise ValueError(f"the estimator misses known exponents, nothing may be diagnosed with it: {listed}")


def certain(value: float | torch.Tensor) -> Estimate:
    """Return a number without sampling error as an estimate."""
    return Estimate(float(value), np.nan, np.nan, 1)


def spectrum(
    dynamics: Dynamics, start: torch.Tensor, k: int, steps: int, warm_up: int, seed: int
) -> torch.Tensor:
    """log |R_ii| (trajectory, step, k) of every trajectory after a warm-up."""
    q = exponents.tangents(seed, np.arange(len(start)), start.shape[1], k)
    return exponents.qr_log_r(dynamics, start, q, steps, warm_up)[0]


def over_trajectories(log_r: torch.Tensor, exponent: int, step: float = 1.0) -> Estimate:
    """One exponent: mean over trajectories with Student's interval, nat per `step`."""
    return mean_interval(log_r[:, :, exponent].mean(dim=1).numpy() / step)


def _uniform(seed: int, name: str, shape: tuple[int, int], low: float, high: float) -> torch.Tensor:
    drawn = streams.uniform(seed, f"reasoning.validation.{name}", 0, 0, shape[0] * shape[1])
    return torch.from_numpy(low + (high - low) * drawn.reshape(shape))


def henon(seed: int, trajectories: int = 1000, steps: int = 300) -> list[Check]:
    """Checks of the Hénon map: both exponents, and their sum, which is ln b at every step up to rounding."""
    start = _uniform(seed, "henon", (trajectories, 2), -0.1, 0.1)
    dynamics = Dynamics(known_systems.henon_map, known_systems.henon_push)
    log_r = spectrum(dynamics, start, 2, steps, 50, seed)
    worst = (log_r.sum(dim=2) - theory.HENON_SUM).abs().max()
    return [
        Check("henon_lambda1", over_trajectories(log_r, 0), PER_STEP, "Leading exponent of the Hénon map"),
        Check("henon_lambda2", over_trajectories(log_r, 1), PER_STEP, "Second exponent of the Hénon map"),
        Check(
            "henon_sum_worst_step",
            certain(worst),
            PER_STEP,
            "Largest error of the sum of both exponents of the Hénon map at any step",
        ),
    ]


def logistic(seed: int, trajectories: int = 4000, steps: int = 250) -> list[Check]:
    """The exponent ln 2 of the logistic map, from a million slopes. With theta = (2/pi) asin sqrt(x) the map is a
    tent, whose slope is 2: a sum of log slopes is T ln 2 plus ln phi(x_T) - ln phi(x_0), phi = dx/dtheta. This
    difference is subtracted, and rounding is left.
    """
    theta = _uniform(seed, "logistic", (trajectories, 1), 0.0, 1.0)
    start = torch.sin(0.5 * torch.pi * theta) ** 2  # distributed by the invariant measure
    q = exponents.tangents(seed, np.arange(trajectories), 1, 1)
    dynamics = Dynamics(known_systems.logistic_map, known_systems.logistic_push)
    log_r, end = exponents.qr_log_r(dynamics, start, q, steps)

    def log_phi(x: torch.Tensor) -> torch.Tensor:
        return 0.5 * (x * (1.0 - x)).log()

    boundary = float((log_phi(end) - log_phi(start)).mean())
    measured = certain(float(log_r.mean()) - boundary / steps)
    return [Check("logistic_lambda1", measured, PER_STEP, "Exponent of the logistic map at r = 4")]


def lorenz(seed: int, trajectories: int = 128, steps: int = 1000, h: float = 0.01) -> list[Check]:
    """Three exponents per unit time, and their sum, the divergence of the flow: the integrator's error in it
    falls as h^4 (measured 1.0e-4 at .01, 6.2e-6 at .005), so the sum is taken at half the step."""
    start = _uniform(seed, "lorenz", (trajectories, 3), -10.0, 10.0) + torch.tensor([0.0, 0.0, 20.0])
    coarse, fine = (
        spectrum(
            Dynamics(partial(known_systems.lorenz_step, h=size), partial(known_systems.lorenz_push, h=size)),
            start,
            3,
            n,
            warm_up,
            seed,
        )
        for size, n, warm_up in ((h, steps, 1000), (h / 2, 50, 50))
    )
    names = ("Leading", "Second", "Third")
    checks = [
        Check(
            f"lorenz_lambda{i + 1}",
            over_trajectories(coarse, i, h),
            PER_TIME,
            f"{name} exponent of the Lorenz system",
        )
        for i, name in enumerate(names)
    ]
    total = certain(fine.mean(dim=(0, 1)).sum() / (h / 2))
    return [
        *checks,
        Check("lorenz_sum", total, PER_TIME, "Sum of the three exponents of the Lorenz system"),
    ]


def linear(seed: int) -> list[Check]:
    """Checks of both estimators with a diagonal map, whose exponents are known exactly.

    SVD is exact over 16 steps. The leading exponent by QR is too low until the tangent is aligned with the leading
    direction; `theory.tangent_growth` says by how much.
    """
    logs = torch.tensor(theory.LINEAR_LOGS, dtype=torch.float64)
    n, scale = len(logs), logs.exp()

    def step(z: torch.Tensor) -> torch.Tensor:
        return z * scale

    def push(z: torch.Tensor, q: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return step(z), q * scale[:, None]

    dynamics = Dynamics(step, push)
    start = torch.zeros((512, n), dtype=torch.float64)
    q = exponents.tangents(seed, np.arange(4), n, 12)
    exact, _ = exponents.svd_exponents(dynamics, start[:4], q, 16, 4, passes=4)
    worst = certain((exact - logs[:4]).abs().max())
    sentence = "Largest error of the SVD exponents of a diagonal map over 16 steps"
    checks = [Check("linear_svd_worst", worst, PER_STEP, sentence)]
    for steps, trajectories in ((16, 512), (1024, 64)):
        measured = over_trajectories(spectrum(dynamics, start[:trajectories], 1, steps, 0, seed), 0)
        sentence = f"Leading QR exponent of a diagonal map over {steps} steps, whose largest exponent is 0.1"
        checks.append(Check(f"linear_qr_{steps}_steps", measured, PER_STEP, sentence))
    return checks


def random_network(seed: int, n: int = 200, steps: int = 300) -> list[Check]:
    """x' = J tanh(x), J Gaussian with SD g / sqrt(n): below g = 1 the origin attracts and lambda1 = ln
    |largest eigenvalue of J|; above, chaos (Sompolinsky, Crisanti & Sommers 1988, Phys. Rev. Lett. 61,
    259)."""
    checks = []
    for g in (0.5, 0.9, 1.5):
        drawn = streams.normal(seed, "reasoning.validation.network", 0, 0, n * n).reshape(n, n)
        coupling = torch.from_numpy(g * drawn / np.sqrt(n))

        def step(x: torch.Tensor, coupling: torch.Tensor = coupling) -> torch.Tensor:
            return torch.tanh(x) @ coupling.T

        def push(
            x: torch.Tensor, q: torch.Tensor, coupling: torch.Tensor = coupling
        ) -> tuple[torch.Tensor, torch.Tensor]:
            slope = 1.0 - torch.tanh(x) ** 2
            return step(x, coupling), coupling @ (slope[:, :, None] * q)

        start = _uniform(seed, "network_start", (8, n), -1.0, 1.0)
        measured = over_trajectories(spectrum(Dynamics(step, push), start, 1, steps, 200, seed), 0)
        sentence = f"Leading exponent of a random network at gain {g}"
        if g < 1.0:
            radius = float(np.abs(np.linalg.eigvals(coupling.numpy())).max())
            expected = theory.validation(f"network_g{g}", radius)
            checks.append(Check(f"network_g{g}", certain(measured.value), PER_STEP, sentence, expected))
        else:
            checks.append(Check(f"network_g{g}_is_chaotic", measured, PER_STEP, sentence))
    return checks


def captured(seed: int, examples: int = 1024) -> list[Check]:
    """Checks of the capture map, per example: QR and SVD in one dimension against the closed form."""
    p = Capture(examples, 16, 0.4, 0.04, 0.0, 0.0, 0.5, seed)
    x = capture_map.trajectory(p)

    def step(z: torch.Tensor) -> torch.Tensor:
        inside = (z - p.centre).abs() < p.radius
        return torch.where(inside, p.centre + p.contraction * (z - p.centre), 4.0 * z * (1.0 - z))

    def push(z: torch.Tensor, q: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        slope = torch.where((z - p.centre).abs() < p.radius, p.contraction, 4.0 - 8.0 * z)
        return step(z), slope[:, :, None] * q

    start = torch.from_numpy(x[0])[:, None]
    q = exponents.tangents(seed, np.arange(examples), 1, 1)
    log_r, end = exponents.qr_log_r(Dynamics(step, push), start, q, p.steps)
    exact = capture_map.diagnose(x, p)["lyap_raw"][:, 0]
    # Both follow the same float64 trajectory, so that chaos amplifies no difference between them.
    same = certain((end[:, 0] - torch.from_numpy(x[-1])).abs().max())
    worst = certain(np.abs(log_r.mean(dim=1).numpy()[:, 0] - exact).max())
    return [
        Check(
            "capture_map_same_trajectory", same, "1", "Largest distance between two codes of the capture map"
        ),
        Check(
            "capture_map_worst_example",
            worst,
            PER_STEP,
            "Largest error of an example's exponent on the capture map",
        ),
    ]


def derivative(seed: int) -> list[Check]:
    """The networks' own derivative (`tangent`): against central differences, O(h^2), and the exponents of the
    subspace iteration against the singular values of the whole product of Jacobians. Untrained, n = 80."""
    checks = []
    for mixer in ("mlp", "attention"):
        p = Network("trm", 5, 4, 4, 8, 1, mixer, 2, 2.0, 1, 2, 2, 6, seed, "positions")
        weights = model.initial_weights(p, torch.float64)
        question = streams.integers(seed, "reasoning.validation.question", 0, 0, 3 * p.positions, p.tokens)
        x = model.embed(weights, torch.from_numpy(question.reshape(3, -1)), p)
        act = diagnose.dynamics(weights, x, p)
        start = model.initial(p, torch.float64).flatten().repeat(3, 1)
        z, h = act.step(start), 1e-6
        q = exponents.tangents(seed, np.arange(3), p.state_size, 8)
        pushed = act.push(z, q)[1]
        differences = torch.stack(
            [(act.step(z + h * v) - act.step(z - h * v)) / (2.0 * h) for v in q.unbind(2)], dim=2
        )
        error = certain(((pushed - differences).norm(dim=1) / pushed.norm(dim=1)).max())
        by = {"mlp": "a gated layer", "attention": "attention"}[mixer]
        sentence = f"Largest relative error of a tangent of a network that mixes positions by {by}"
        checks.append(Check(f"derivative_{mixer}", error, "1", sentence))
    product = torch.eye(p.state_size, dtype=torch.float64).expand(3, -1, -1)
    z = start
    for _ in range(p.act_steps):
        z, product = act.push(z, product)
    exact = torch.linalg.svdvals(product)[:, :4].log() / p.act_steps
    leading, _ = exponents.svd_exponents(act, start, q, p.act_steps, 4, 60, 1e-8)
    worst = certain((leading - exact).abs().max())
    sentence = "Largest error of the SVD exponents of a small network"
    return [*checks, Check("derivative_svd_worst", worst, PER_STEP, sentence)]


SYSTEMS: dict[str, Callable[[int], list[Check]]] = {
    "henon": henon,
    "logistic": logistic,
    "lorenz": lorenz,
    "linear": linear,
    "random_network": random_network,
    "capture_map": captured,
    "derivative": derivative,
}
