"""Is the estimator right?  The very code that diagnoses the networks, on systems whose exponents are known.

Each check returns measured, expected and the largest difference allowed; the rule `reasoning_validate` stops
the workflow when one fails. Float64, nat per step (Lorenz: per unit time).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import torch

from emergent_dynamics import streams
from emergent_dynamics.reasoning import capture_map, exponents, theory
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
    """Every validation system; about 10 s on one core."""
    torch.set_num_threads(1)
    return [check for system in SYSTEMS.values() for check in system(seed)]


def spectrum(
    step: exponents.Map,
    start: torch.Tensor,
    k: int,
    steps: int,
    warm_up: int,
    seed: int,
    pushing: exponents.Push | None = None,
) -> tuple[np.ndarray, torch.Tensor]:
    """Mean over trajectories and steps of log |R_ii| (k,), and of the sums over i per trajectory."""
    q = exponents.tangents(seed, np.arange(len(start)), start.shape[1], k)
    log_r, _ = exponents.qr_log_r(step, start, q, steps, warm_up, pushing)
    return log_r.mean(dim=(0, 1)).numpy(), log_r.sum(dim=2)


def _uniform(seed: int, name: str, shape: tuple[int, int], low: float, high: float) -> torch.Tensor:
    drawn = streams.uniform(seed, f"reasoning.validation.{name}", 0, 0, shape[0] * shape[1])
    return torch.from_numpy(low + (high - low) * drawn.reshape(shape))


def henon_map(z: torch.Tensor) -> torch.Tensor:
    """x' = 1 - 1.4 x^2 + y, y' = 0.3 x."""
    return torch.stack([1.0 - 1.4 * z[:, 0] ** 2 + z[:, 1], 0.3 * z[:, 0]], dim=1)


def henon(seed: int, trajectories: int = 2000, steps: int = 100) -> list[Check]:
    """Both exponents, and their sum ln b at every single step (error of rounding only)."""
    found, sums = spectrum(
        henon_map, _uniform(seed, "henon", (trajectories, 2), -0.1, 0.1), 2, steps, 50, seed
    )
    worst = float((sums - theory.HENON_SUM).abs().max())
    return [
        Check("henon_lambda1", float(found[0]), theory.HENON[0], 2e-3, SPROTT),
        Check("henon_lambda2", float(found[1]), theory.HENON[1], 2e-3, SPROTT),
        Check("henon_sum_worst_step", worst, 0.0, 1e-12, "determinant of the map, -b"),
    ]


def logistic(seed: int, trajectories: int = 4000, steps: int = 250) -> list[Check]:
    """ln 2, from a million slopes. With theta = (2/pi) asin sqrt(x) the map is a tent, whose slope is 2: a
    sum of log slopes is T ln 2 plus ln phi(x_T) - ln phi(x_0), phi = dx/dtheta. That term is taken off, and
    what is left is rounding."""
    theta = _uniform(seed, "logistic", (trajectories, 1), 0.0, 1.0)
    start = torch.sin(0.5 * torch.pi * theta) ** 2  # the invariant measure
    q = exponents.tangents(seed, np.arange(trajectories), 1, 1)
    log_r, end = exponents.qr_log_r(lambda z: 4.0 * z * (1.0 - z), start, q, steps)

    def log_phi(x: torch.Tensor) -> torch.Tensor:
        return 0.5 * (x * (1.0 - x)).log()

    boundary = float((log_phi(end) - log_phi(start)).mean())
    found = float(log_r.mean()) - boundary / steps
    return [Check("logistic_lambda1", found, theory.LOGISTIC, 1e-5, "conjugate to the tent map")]


# Rows multiply x, y, z: dx = 10 (y - x), dy = 28 x - y - x z, dz = x y - 8/3 z.
LORENZ_LINEAR = torch.tensor(
    [[-10.0, 28.0, 0.0], [10.0, -1.0, 0.0], [0.0, 0.0, -8.0 / 3.0]], dtype=torch.float64
)
LORENZ_TIMES_X = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]], dtype=torch.float64)


LORENZ_FROM_X = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)[:, None]


def lorenz_step(z: torch.Tensor, h: float = 0.01) -> torch.Tensor:
    """One Runge-Kutta step of sigma 10, rho 28, beta 8/3; its JVP is the exact tangent of the discrete
    map.
    """
    return _runge_kutta(lambda u: u @ LORENZ_LINEAR + u[:, :1] * (u @ LORENZ_TIMES_X), z, h)


def lorenz_push(z: torch.Tensor, q: torch.Tensor, h: float = 0.01) -> tuple[torch.Tensor, torch.Tensor]:
    """`lorenz_step` and its tangents, written out: forward mode costs 50 times the step on states this small."""

    def rate(u: torch.Tensor) -> torch.Tensor:  # (1 + k, example, 3): the state, then its tangents
        x, times_x = u[:1] @ LORENZ_FROM_X, u @ LORENZ_TIMES_X
        moved = u @ LORENZ_LINEAR + x * times_x
        moved[1:] += (u[1:] @ LORENZ_FROM_X) * times_x[:1]
        return moved

    both = _runge_kutta(rate, torch.cat([z[None], q.permute(2, 0, 1)]), h)
    return both[0], both[1:].permute(1, 2, 0)


def _runge_kutta(rate: exponents.Map, z: torch.Tensor, h: float) -> torch.Tensor:
    k1 = rate(z)
    k2 = rate(z + 0.5 * h * k1)
    k3 = rate(z + 0.5 * h * k2)
    k4 = rate(z + h * k3)
    return z + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def lorenz(seed: int, trajectories: int = 128, steps: int = 2000, h: float = 0.01) -> list[Check]:
    """Three exponents per unit time, and their sum, the divergence of the flow: the integrator's error in it
    falls as h^4 (measured 1.0e-4 at .01, 6.2e-6 at .005), so the sum is taken at half the step, by JVPs."""
    start = _uniform(seed, "lorenz", (trajectories, 3), -10.0, 10.0) + torch.tensor([0.0, 0.0, 20.0])
    found, _ = spectrum(lambda z: lorenz_step(z, h), start, 3, steps, 1500, seed, partial(lorenz_push, h=h))
    fine, _ = spectrum(lambda z: lorenz_step(z, h / 2), start, 3, 50, 50, seed)
    checks = [
        Check(f"lorenz_lambda{i + 1}", float(found[i] / h), theory.LORENZ[i], limit, SPROTT)
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
    start = torch.zeros((4, n), dtype=torch.float64)
    q = exponents.tangents(seed, np.arange(4), n, 12)
    exact, _ = exponents.svd_exponents(lambda z: z * scale, start, q, 16, 4, passes=6)
    short, _ = spectrum(lambda z: z * scale, start, 1, 16, 0, seed)
    long, _ = spectrum(lambda z: z * scale, start, 1, 1024, 0, seed)
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

        start = _uniform(seed, "network_start", (8, n), -1.0, 1.0)
        found, _ = spectrum(step, start, 1, steps, 200, seed)
        radius = float(np.log(np.abs(np.linalg.eigvals(coupling.numpy())).max()))
        if g < 1.0:
            checks.append(Check(f"network_g{g}", float(found[0]), radius, 0.02, source))
        else:
            checks.append(Check(f"network_g{g}_is_chaotic", float(found[0]), 0.0, 0.0, source, True))
    return checks


def captured(seed: int, examples: int = 1024) -> list[Check]:
    """The capture map, per example: QR and SVD of one dimension against the closed form."""
    p = capture_map.Parameters(examples, 16, 0.4, 0.04, 0.0, 0.0, 0.5, seed)
    x = capture_map.trajectory(p)

    def step(z: torch.Tensor) -> torch.Tensor:
        inside = (z - p.centre).abs() < p.radius
        return torch.where(inside, p.centre + p.contraction * (z - p.centre), 4.0 * z * (1.0 - z))

    start = torch.from_numpy(x[0])[:, None]
    q = exponents.tangents(seed, np.arange(examples), 1, 1)
    log_r, end = exponents.qr_log_r(step, start, q, p.steps)
    exact = capture_map.diagnose(x, p)["lyap_raw"][:, 0]
    # Both follow the same float64 trajectory, so that chaos amplifies no difference between them.
    same = float((end[:, 0] - torch.from_numpy(x[-1])).abs().max())
    worst = float(np.abs(log_r.mean(dim=1).numpy()[:, 0] - exact).max())
    return [
        Check("capture_map_same_trajectory", same, 0.0, 0.0, "capture_map.step"),
        Check("capture_map_worst_example", worst, 0.0, 1e-12, "closed form, sum of ln slopes"),
    ]


SYSTEMS: dict[str, Callable[[int], list[Check]]] = {
    "henon": henon,
    "logistic": logistic,
    "lorenz": lorenz,
    "linear": linear,
    "random_network": random_network,
    "capture_map": captured,
}


def require(found: pd.DataFrame) -> None:
    """ValueError that names the checks that failed, if any did."""
    failed = found.loc[~found["passed"]]
    if len(failed):
        listed = "; ".join(
            f"{row.check} = {row.measured:.6g}, expected {row.expected:.6g} within {row.allowed:.1g}"
            for row in failed.itertuples()
        )
        raise ValueError(f"the estimator misses known exponents, nothing may be diagnosed with it: {listed}")


def summarise(checks: list[Check]) -> dict[str, Headline]:
    """Every check as a headline."""
    return {
        c.name: Headline(
            c.measured,
            None,
            1,
            "nat per step" if "lorenz" not in c.name else "nat per unit time",
            c.expected,
            c.source,
            c.passed,
            note="at least the expected value" if c.at_least else f"allowed difference {c.allowed:.1g}",
        )
        for c in checks
    }
