"""The same map and flow in torch, float64, for a CUDA device; a tile of rows at a time, no n x n buffer."""

from dataclasses import dataclass

import numpy as np
import torch

from emergent_dynamics.causal.kernels import ode
from emergent_dynamics.causal.model import TINY
from emergent_dynamics.causal.parameters import Parameters

TILE = 2**24  # scores held at once, 128 MiB


def available() -> bool:
    """Whether torch finds a CUDA device."""
    return torch.cuda.is_available()


def on(device: str) -> "Torch":
    """The engine on a device, "cpu" or "cuda"."""
    return Torch(torch.device(device))


@dataclass(frozen=True)
class Torch:
    """`cpu.advance` and `ode.flow` by torch: same arguments, same meaning, arrays overwritten."""

    device: torch.device

    def advance(self, x: np.ndarray, p: Parameters, steps: int) -> None:
        """`model.step`, `steps` times, as many runs at once as a tile holds with 64 rows each."""
        group = max(1, TILE // (64 * p.tokens))
        with torch.no_grad():
            for first in range(0, len(x), group):
                moved = self._tensor(x[first : first + group])
                for _ in range(steps):
                    moved = _normalised(moved + p.step_size * self.drift(moved, p)[0])
                x[first : first + group] = moved.cpu().numpy()

    def flow(
        self,
        x: np.ndarray,
        step_size: np.ndarray,
        evaluations: np.ndarray,
        p: Parameters,
        start: float,
        stop: float,
    ) -> None:
        """`ode.flow`, same scheme and step control; a run at a time, as each chooses its own steps."""
        with torch.no_grad():
            for r in range(len(x)):
                self._flow(x[r], step_size[r : r + 1], evaluations[r : r + 1], p, start, stop)

    def drift(self, x: torch.Tensor, p: Parameters) -> tuple[torch.Tensor, torch.Tensor]:
        """`model.drift` of x (run, token, coord), V times the mean, and the mean sum_j a_kj x_j."""
        runs, n, _ = x.shape
        mean = torch.empty_like(x)
        query = p.beta * x @ self._tensor(p.form)
        rows = max(1, min(n, TILE // (runs * n)))
        for first in range(0, n, rows):
            last = min(first + rows, n)
            seen = last if p.causal else n
            score = query[:, first:last] @ x[:, :seen].mT  # (run, row, token)
            if p.causal:
                token = torch.arange(seen, device=x.device)
                score.masked_fill_(token > token[first:last, None], -torch.inf)
            weight = score.softmax(-1) if p.softmax else score.exp_().div_(n)
            mean[:, first:last] = weight @ x[:, :seen]
        return mean @ self._tensor(p.value).mT, mean

    def _flow(
        self,
        x: np.ndarray,
        step_size: np.ndarray,
        evaluations: np.ndarray,
        p: Parameters,
        start: float,
        stop: float,
    ) -> None:
        known, general = ode.known_radius(p), ode.general_radius(p)
        now, h = start, float(step_size[0]) or ode.FIRST_STEP
        y = self._tensor(x)
        before, spread = self._velocity(y, p)
        evaluations += 1
        while now < stop:
            radius = general[0] + general[1] * spread if np.isnan(known) else known
            h, tried = ode.next_step(h, stop - now, radius)
            stages = ode.n_stages(tried, radius)
            new = self._chebyshev(y, before, tried, ode.coefficients(stages), p)
            after, spread_after = self._velocity(new, p)
            evaluations += stages
            local = 0.8 * (y - new) + 0.4 * tried * (before + after)
            error = float((local.square().sum() / len(y)).sqrt()) / p.tolerance
            h = ode.proposal(h, tried, error)
            if error > 1.0:
                continue
            now = stop if tried == stop - now else now + tried
            y, before, spread = new, after, spread_after
        step_size[0] = h
        x[:] = y.cpu().numpy()

    def _velocity(self, x: torch.Tensor, p: Parameters) -> tuple[torch.Tensor, float]:
        """`model.velocity` of one run (token, coord), and the spread that `ode.general_radius` needs."""
        x = x / x.norm(dim=-1, keepdim=True)
        drift, mean = (found[0] for found in self.drift(x[None], p))
        rest = float((1.0 - mean.square().sum(-1)).clamp(min=0.0).max())
        return drift - (x * drift).sum(-1, keepdim=True) * x, rest + rest**0.5

    def _chebyshev(
        self, x: torch.Tensor, velocity: torch.Tensor, h: float, stages: np.ndarray, p: Parameters
    ) -> torch.Tensor:
        older, old = x, x + stages[0, 2] * h * velocity
        for mu, nu, mu_h, gamma_h in stages[1:].tolist():
            slope, _ = self._velocity(old, p)
            new = (1.0 - mu - nu) * x + mu * old + nu * older + h * (mu_h * slope + gamma_h * velocity)
            older, old = old, new
        return _normalised(old)

    def _tensor(self, x: np.ndarray) -> torch.Tensor:
        return torch.as_tensor(x, dtype=torch.float64, device=self.device)


def _normalised(x: torch.Tensor) -> torch.Tensor:
    x = x / x.norm(dim=-1, keepdim=True)
    return x.masked_fill(x.abs() < TINY, 0.0)
