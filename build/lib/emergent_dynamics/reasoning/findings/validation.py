"""Is the estimator right?  The very code that diagnoses the networks, on systems whose exponents are known.

Each check returns measured, expected and the largest difference allowed; the rule `reasoning_validate` stops
the workflow when one fails. Float64, nat per step (Lorenz: per unit time).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import torch

from emergent_dynamics import streams
from emergent_dynamics.reasoning import (
    capture_map,
    diagnose,
    model,
    theory,
)
from emergent_dynamics.reasoning.kernels import exponents, known_systems
from emergent_dynamics.reasoning.kernels.exponents import Dynamics
from emergent_dynamics.reasoning.parameters import Capture, Network
from emergent_dynamics.store import Headline

SPROTT = "Sprott 2003, Chaos and time-series analysis, appendix A"


@dataclass(frozen=True)
class Check:
    """One comparison; it passes when |measured - expected| <= allowed (`at_least`: measured >= expected)."""

    name: str
    measured: float
    expected: float
    allowed: float
    source: str
    at_least: bool = False

    @property
    def passed(self) -> bool:
        """NaN fails."""
        if self.at_least:
            return bool(self.measured >= self.expected - self.allowed)
        return bool(abs(self.measured - self.expected) <= self.allowed)


AT_LEAST = ("linear_qr_16_steps_is_low", "network_g1.5_is_chaotic")
SEED = 1  # of the rule that validates


def find(seed: int) -> dict[str, pd.DataFrame]:
    """`validation`, a row per check of every system; about 5 s on one core."""
    return {"validation": table(all_checks(seed))}


def table(checks: list[Check]) -> pd.DataFrame:
    """One row per check: check, measured, expected, allowed, difference, passed, source."""
    return pd.DataFrame(
        [
            {
                "check": c.name,
                "measured": c.measured,
                "expected": c.expected,
                "allowed": c.allowed,
                "difference": c.measured - c.expected,
                "passed": c.passed,
                "source": c.source,
            }
            for c in checks
        ]
    )


def all_checks(seed: int) -> list[Check]:
    """Every validation system; about 5 s on one core."""
    torch.set_num_threads(1)
    return [check for system in SYSTEMS.values() for check in system(seed)]


def spectrum(
    dynamics: Dynamics, start: torch.Tensor, k: int, steps: int, warm_up: int, seed: int
) -> tuple[np.ndarray, torch.Tensor]:
    """Mean over trajectories and steps of log |R_ii| (k,), and of the sums over i per trajectory."""
    q = exponents.tangents(seed, np.arange(len(start)), start.shape[1], k)
    log_r, _ = exponents.qr_log_r(dynamics, start, q, steps, warm_up)
    return log_r.mean(dim=(0, 1)).numpy(), log_r.sum(dim=2)


def _uniform(seed: int, name: str, shape: tuple[int, int], low: float, high: float) -> torch.Tensor:
    drawn = streams.uniform(seed, f"reasoning.validation.{name}", 0, 0, shape[0] * shape[1])
    return torch.from_numpy(low + (high - low) * drawn.reshape(shape))


def henon(seed: int, trajectories: int = 1000, steps: int = 300) -> list[Check]:
    """Both exponents, and their sum ln b at every single step (error of rounding only)."""
    start = _uniform(seed, "henon", (trajectories, 2), -0.1, 0.1)
    mean, sums = spectrum(
        Dynamics(known_systems.henon_map, known_systems.henon_push), start, 2, steps, 50, seed
    )
    worst = float((sums - theory.HENON_SUM).abs().max())
    return [
        Check("henon_lambda1", float(mean[0]), theory.HENON[0], 2e-3, SPROTT),
        Check("henon_lambda2", float(mean[1]), theory.HENON[1], 2e-3, SPROTT),
        Check("henon_sum_worst_step", worst, 0.0, 1e-12, "determinant of the map, -b"),
    ]


def logistic(seed: int, trajectories: int = 4000, steps: int = 250) -> list[Check]:
    """ln 2, from a million slopes. With theta = (2/pi) asin sqrt(x) the map is a tent, whose slope is 2: a
    sum of log slopes is T ln 2 plus ln phi(x_T) - ln phi(x_0), phi = dx/dtheta. That term is taken off, and
    what is left is rounding."""
    theta = _uniform(seed, "logistic", (trajectories, 1), 0.0, 1.0)
    start = torch.sin(0.5 * torch.pi * theta) ** 2  # the invariant measure
    q = exponents.tangents(seed, np.arange(trajectories), 1, 1)
    dynamics = Dynamics(known_systems.logistic_map, known_systems.logistic_push)
    log_r, end = exponents.qr_log_r(dynamics, start, q, steps)

    def log_phi(x: torch.Tensor) -> torch.Tensor:
        return 0.5 * (x * (1.0 - x)).log()

    boundary = float((log_phi(end) - log_phi(start)).mean())
    measured = float(log_r.mean()) - boundary / steps
    return [Check("logistic_lambda1", measured, theory.LOGISTIC, 1e-5, "conjugate to the tent map")]


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
        )[0]
        for size, n, warm_up in ((h, steps, 1000), (h / 2, 50, 50))
    )
    checks = [
        Check(f"lorenz_lambda{i + 1}", float(coarse[i] / h), theory.LORENZ[i], limit, SPROTT)
        for i, limit in enumerate((0.03, 0.02, 0.03))
    ]
    total = float(fine.sum() / (h / 2))
    return [*checks, Check("lorenz_sum", total, theory.LORENZ_SUM, 1e-4, "divergence of the flow")]


def linear(seed: int, n: int = 200) -> list[Check]:
    """diag: exponents are ln |eigenvalue|. SVD is exact at T = 16, QR is low by alignment and converges as
    1/T.
    """
    logs = torch.linspace(0.1, -3.0, n, dtype=torch.float64)
    scale = logs.exp()

    def step(z: torch.Tensor) -> torch.Tensor:
        return z * scale

    def push(z: torch.Tensor, q: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return step(z), q * scale[:, None]

    start = torch.zeros((4, n), dtype=torch.float64)
    q = exponents.tangents(seed, np.arange(4), n, 12)
    exact, _ = exponents.svd_exponents(Dynamics(step, push), start, q, 16, 4, passes=4)
    short, _ = spectrum(Dynamics(step, push), start, 1, 16, 0, seed)
    long, _ = spectrum(Dynamics(step, push), start, 1, 1024, 0, seed)
    return [
        Check("linear_svd_worst", float((exact - logs[:4]).abs().max()), 0.0, 1e-10, "eigenvalues"),
        Check("linear_qr_1024_steps", float(long[0]), 0.1, 5e-3, "eigenvalues"),
        Check(
            "linear_qr_16_steps_is_low",
            float(0.1 - short[0]),
            0.02,
            0.0,
            "alignment of a random tangent",
            True,
        ),
    ]


def random_network(seed: int, n: int = 200, steps: int = 300) -> list[Check]:
    """x' = J tanh(x), J Gaussian with SD g / sqrt(n): below g = 1 the origin attracts and lambda1 = ln
    |largest eigenvalue of J|; above, chaos (Sompolinsky, Crisanti & Sommers 1988, Phys. Rev. Lett. 61,
    259)."""
    source = "spectral radius of J (Sompolinsky et al. 1988)"
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
        mean, _ = spectrum(Dynamics(step, push), start, 1, steps, 200, seed)
        radius = float(np.log(np.abs(np.linalg.eigvals(coupling.numpy())).max()))
        if g < 1.0:
            checks.append(Check(f"network_g{g}", float(mean[0]), radius, 0.02, source))
        else:
            checks.append(Check(f"network_g{g}_is_chaotic", float(mean[0]), 0.0, 0.0, source, True))
    return checks


def captured(seed: int, examples: int = 1024) -> list[Check]:
    """The capture map, per example: QR and SVD of one dimension against the closed form."""
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
    same = float((end[:, 0] - torch.from_numpy(x[-1])).abs().max())
    worst = float(np.abs(log_r.mean(dim=1).numpy()[:, 0] - exact).max())
    return [
        Check("capture_map_same_trajectory", same, 0.0, 0.0, "capture_map.step"),
        Check("capture_map_worst_example", worst, 0.0, 1e-12, "closed form, sum of ln slopes"),
    ]


def derivative(seed: int) -> list[Check]:
    """The networks' own derivative (`tangent`): against central differences, O(h^2), and the exponents of the
    subspace iteration against the singular values of the whole product of Jacobians. Untrained, n = 80."""
    checks = []
    for mixer in ("mlp", "attention"):
        p = Network("trm", 5, 4, 4, 8, 1, mixer, 2, 2.0, 1, 2, 2, 6, seed)
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
        error = ((pushed - differences).norm(dim=1) / pushed.norm(dim=1)).max()
        checks.append(Check(f"derivative_{mixer}", float(error), 0.0, 1e-6, "central differences"))
    product = torch.eye(p.state_size, dtype=torch.float64).expand(3, -1, -1)
    z = start
    for _ in range(p.act_steps):
        z, product = act.push(z, product)
    exact = torch.linalg.svdvals(product)[:, :4].log() / p.act_steps
    leading, _ = exponents.svd_exponents(act, start, q, p.act_steps, 4, 60, 1e-8)
    worst = float((leading - exact).abs().max())
    return [*checks, Check("derivative_svd_worst", worst, 0.0, 1e-6, "SVD of the whole product")]


SYSTEMS: dict[str, Callable[[int], list[Check]]] = {
    "henon": henon,
    "logistic": logistic,
    "lorenz": lorenz,
    "linear": linear,
    "random_network": random_network,
    "capture_map": captured,
    "derivative": derivative,
}


def require(rows: pd.DataFrame) -> None:
    """ValueError that names the checks that failed, if any did."""
    failed = rows.loc[~rows["passed"]]
    if len(failed):
        listed = "; ".join(
            f"{row.check} = {row.measured:.6g}, expected {row.expected:.6g} within {row.allowed:.1g}"
            for row in failed.itertuples()
        )
        raise ValueError(f"the estimator misses known exponents, nothing may be diagnosed with it: {listed}")


def summarise(rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Every check as a headline."""
    headlines = {}
    for row in rows["validation"].to_dict("records"):
        at_least = row["check"] in AT_LEAST
        headlines[row["check"]] = Headline(
            row["measured"],
            None,
            1,
            "nat per step" if "lorenz" not in row["check"] else "nat per unit time",
            row["expected"],
            row["source"],
            row["passed"],
            note="at least the expected value" if at_least else f"allowed difference {row['allowed']:.1g}",
        )
    return headlines
