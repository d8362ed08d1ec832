"""Systems with known exponents: each as a map of states (example, n), and as a function that returns F and J Q.

Torch's forward mode would cost 50 times the step on states this small, and its first call imports a compiler.
"""

import torch

from emergent_dynamics.reasoning.kernels.exponents import Map


def henon_map(z: torch.Tensor) -> torch.Tensor:
    """x' = 1 - 1.4 x^2 + y, y' = 0.3 x."""
    return torch.stack([1.0 - 1.4 * z[:, 0] ** 2 + z[:, 1], 0.3 * z[:, 0]], dim=1)


def henon_push(z: torch.Tensor, q: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """`henon_map` and its tangents."""
    return henon_map(z), torch.stack([q[:, 1] - 2.8 * z[:, :1] * q[:, 0], 0.3 * q[:, 0]], dim=1)


def logistic_map(z: torch.Tensor) -> torch.Tensor:
    """x' = 4 x (1 - x)."""
    return 4.0 * z * (1.0 - z)


def logistic_push(z: torch.Tensor, q: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """`logistic_map` and its tangents."""
    return logistic_map(z), (4.0 - 8.0 * z)[:, :, None] * q


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
    """`lorenz_step` and its tangents."""

    def rate(u: torch.Tensor) -> torch.Tensor:  # (1 + k, example, 3): the state, then its tangents
        x, times_x = u[:1] @ LORENZ_FROM_X, u @ LORENZ_TIMES_X
        moved = u @ LORENZ_LINEAR + x * times_x
        moved[1:] += (u[1:] @ LORENZ_FROM_X) * times_x[:1]
        return moved

    both = _runge_kutta(rate, torch.cat([z[None], q.permute(2, 0, 1)]), h)
    return both[0], both[1:].permute(1, 2, 0)


def _runge_kutta(rate: Map, z: torch.Tensor, h: float) -> torch.Tensor:
    k1 = rate(z)
    k2 = rate(z + 0.5 * h * k1)
    k3 = rate(z + 0.5 * h * k2)
    k4 = rate(z + h * k3)
    return z + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
