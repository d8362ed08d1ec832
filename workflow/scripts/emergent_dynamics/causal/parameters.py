"""The parameters of one experiment, resolved; and what follows from them alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from emergent_dynamics.causal import presets


@dataclass(frozen=True, eq=False)
class Parameters:
    """One experiment, resolved. Times are in units of the ODE, beta has none, matrices act on columns.

    causal : whether a token attends to itself and those before it only. softmax : whether its weights sum to 1; else
    they are exp(beta <Q x, K y>) / tokens. initial : path of a .npy, or None for uniform on the sphere.
    """

    beta: float
    tokens: int
    dimension: int
    runs: int
    integrator: str  # map | ode
    step_size: float
    steps: int
    end_time: float
    tolerance: float
    value: (
        np.ndarray
    )  # (coord, coord), with further first axes for layers and for heads; so are query and key
    query: np.ndarray
    key: np.ndarray
    heads: int
    normalisation: str  # post | pre | peri | ngpt
    noise: float  # D, radian^2 per ODE time
    causal: bool
    softmax: bool
    seed: int
    initial: str | None
    save: Mapping[str, Any]
    engine: str  # auto | reference | cpu
    device: str  # auto | cpu | cuda
    own_value: bool = False  # V is from a user's file

    @classmethod
    def from_config(cls, experiment: Mapping[str, Any]) -> "Parameters":
        """The parameters from a mapping that the schema has completed; keys of the analyses are ignored."""
        own = {name: experiment[name] for name in cls.__dataclass_fields__ if name in experiment}
        for name in presets.MATRICES:
            own[name] = presets.matrix(experiment[name], int(experiment["dimension"]))
        own["own_value"] = presets.file_of(experiment["value"]) is not None
        return cls(**own, causal=experiment["mask"] == "causal", softmax=experiment["attention"] == "softmax")

    @property
    def layered(self) -> bool:
        """Whether V, Q or K is a different matrix in every step of the map."""
        return any(getattr(self, name).ndim == self._layered_axes for name in presets.MATRICES)

    def layer(self, step: int) -> "Parameters":
        """The parameters of one step of the map, from 0: the matrices are those of that layer."""
        return self._part(step, self._layered_axes)

    def head(self, number: int) -> "Parameters":
        """The parameters of one head of one layer, from 0."""
        return replace(self._part(number, 3), heads=1) if self.heads > 1 else self

    @property
    def _layered_axes(self) -> int:
        """Number of axes of a matrix with layers."""
        return 3 + (self.heads > 1)

    def _part(self, place: int, axes: int) -> "Parameters":
        matrices = {name: getattr(self, name) for name in presets.MATRICES}
        return replace(self, **{name: a[place] if a.ndim == axes else a for name, a in matrices.items()})

    @property
    def varied(self) -> bool:
        """Whether a step of the map is `model.vary` instead of `model.step`."""
        return self.heads > 1 or self.normalisation != "post" or self.noise > 0

    @property
    def residual(self) -> bool:
        """Whether a token is the direction of a residual stream, which has a length."""
        return self.normalisation in ("pre", "peri")

    @property
    def unit_output(self) -> bool:
        """Whether the output of the attention is divided by its length."""
        return self.normalisation in ("peri", "ngpt")

    @property
    def form(self) -> np.ndarray:
        """(coord, coord) A = Q^T K: token k scores token j by beta <x_k, A x_j>."""
        return self.query.T @ self.key

    @property
    def gain(self) -> float:
        """Largest possible sum of a token's weights."""
        return 1.0 if self.softmax else float(np.exp(self.beta * presets.norm(self.form)))

    @property
    def clock(self) -> float:
        """ODE time that one step of the map stands for.

        With softmax weights and V = v I the mean that a token sees is almost itself, so normalising divides
        its tangential speed by 1 + dt v: the clock is dt / (1 + dt v). For other V, and other steps than
        `model.step`, it is dt, to first order.
        """
        if self.varied or self.value.ndim > 2:
            return self.step_size
        v = self.value[0, 0]
        scaled = self.softmax and v > 0 and np.array_equal(self.value, v * np.eye(self.dimension))
        return float(self.step_size / (1.0 + self.step_size * v)) if scaled else self.step_size


def chord_gap(gap: float | Mapping[str, float], beta: float) -> float:
    """The gap as a chord: a number is the chord itself, `{"scaled": c}` means c / sqrt(beta)."""
    return gap["scaled"] / float(np.sqrt(beta)) if isinstance(gap, Mapping) else float(gap)
