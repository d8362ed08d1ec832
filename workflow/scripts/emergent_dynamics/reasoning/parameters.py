"""The parameters of a reasoning experiment, of its parts, and of the diagnosis and analysis of its examples."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np


def hidden_size(size: int, expansion: float, form: str) -> int:
    """Hidden size of a gated layer over `size` entries, rounded; official: rounded up to a multiple of 256."""
    hidden = round(size * expansion * 2 / 3)
    return -(-hidden // 256) * 256 if form == "official" else hidden


@dataclass(frozen=True)
class Network:
    """A recursive network of a task's size.

    kind : trm or hrm. tokens, labels, positions : of the task. width : D, numbers per token. layers : per net. mixer :
    mlp or attention. heads : number of attention heads. expansion : of the gated layers. prefix : tokens before the
    puzzle's. h_cycles, l_cycles : updates of z_H per ACT step, and of z_L per update of z_H. act_steps : T. norm :
    axis of the norm after an MLP has mixed positions, width or positions (as in the official TRM). encoding : how
    attention knows positions, a learned table, rope or none. form : plain or official, which decides sizes, initial
    states and prefix.
    """

    kind: str
    tokens: int
    labels: int
    positions: int
    width: int
    layers: int
    mixer: str
    heads: int
    expansion: float
    prefix: int
    h_cycles: int
    l_cycles: int
    act_steps: int
    seed: int
    norm: str = "width"
    encoding: str = "learned"
    form: str = "plain"

    @property
    def length(self) -> int:
        """Number of tokens: those of the prefix and one per position."""
        return self.prefix + self.positions

    @property
    def state_size(self) -> int:
        """n = 2 (prefix + positions) width: dimensions of the joint state (z_H, z_L)."""
        return 2 * self.length * self.width

    def hidden(self, size: int) -> int:
        """Hidden size of a gated layer over `size` entries, 2/3 expansion size: `hidden_size`."""
        return hidden_size(size, self.expansion, self.form)

    @property
    def sub_updates(self) -> int:
        """Applications of a net in one ACT step: h_cycles (l_cycles + 1)."""
        return self.h_cycles * (self.l_cycles + 1)

    @property
    def scale(self) -> float:
        """Norm of z_H and of z_L, the unit in which drift is a fraction."""
        return float(np.sqrt(self.length * self.width))


@dataclass(frozen=True)
class Capture:
    """The capture map: a chaotic search that ends in a window.

    examples : number of starts. steps : T. centre, radius : the window of the solution (0 < radius). trap,
    trap_radius : the window of a wrong answer (radius 0: none). contraction : slope after capture, in (0, 1).
    """

    examples: int
    steps: int
    centre: float
    radius: float
    trap: float
    trap_radius: float
    contraction: float
    seed: int

    def __post_init__(self) -> None:
        if not 0.0 < self.contraction < 1.0:
            raise ValueError(f"contraction = {self.contraction}: must be in (0, 1)")
        if abs(self.centre - self.trap) < self.radius + self.trap_radius and self.trap_radius > 0.0:
            raise ValueError(f"trap = {self.trap}: its window must not overlap the solution's")


@dataclass(frozen=True)
class Flossing:
    """The penalty of exponents.

    weight : in the loss, 0 for none. exponents : k leading ones. steps : ACT steps of their window. warm_up : ACT steps
    before it that align the tangents. examples : of a batch whose exponents are computed.
    """

    weight: float
    exponents: int
    steps: int
    warm_up: int
    examples: int


NO_FLOSSING = Flossing(0.0, 1, 1, 0, 1)


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    batch : puzzles per update. rate, beta1, beta2, decay : of AdamW. clip : largest gradient norm. average : decay
    of the exponential average (warmed up). exploration : share of examples that must think a random number of
    steps. q_weight : weight of the halting loss. flossing : the penalty of exponents.
    """

    batch: int
    rate: float
    beta1: float
    beta2: float
    decay: float
    clip: float
    average: float
    exploration: float
    q_weight: float
    flossing: Flossing = NO_FLOSSING


@dataclass(frozen=True)
class Parameters:
    """The parameters that decide the trajectory of an experiment.

    source : capture_map, train, npz or checkpoint. device : cpu, cuda or auto, of the diagnosis. files, series, nan :
    the npz files, and how values in them that are not finite are treated. keys : our name of an array -> its name in
    those files. model : trm or hrm. architecture : fields of `Network` that the configuration gives. task, checkpoint
    : blocks of the configuration. checkpoints : training steps.
    """

    source: str
    runs: int
    seed: int
    device: str
    examples: int
    act_steps: int
    capture: Capture
    files: Mapping[str, str]
    series: Mapping[str, Any]
    nan: str
    keys: Mapping[str, str]
    model: str
    architecture: Mapping[str, Any]
    task: Mapping[str, Any]
    checkpoint: Mapping[str, Any]
    training: Recipe
    checkpoints: tuple[int, ...]

    @classmethod
    def from_config(cls, experiment: Mapping[str, Any]) -> Self:
        """The parameters of an experiment that the schema has completed, or that its trajectory has as attributes."""
        windows = {name: float(value) for name, value in experiment["capture"].items()}
        parts: dict[str, Any] = {
            "capture": Capture(
                experiment["examples"], experiment["act_steps"], seed=experiment["seed"], **windows
            ),
            "architecture": experiment["network"],
            "training": Recipe(
                **{**experiment["training"], "flossing": Flossing(**experiment["training"]["flossing"])}
            ),
            "checkpoints": tuple(experiment["checkpoints"]),
        }
        plain = [field.name for field in fields(cls) if field.name not in parts]
        return cls(**parts, **{name: experiment[name] for name in plain})

    def network(self, tokens: int, labels: int, positions: int) -> Network:
        """The network for a task of these sizes."""
        return Network(
            kind=self.model,
            tokens=tokens,
            labels=labels,
            positions=positions,
            act_steps=self.act_steps,
            seed=self.seed,
            **self.architecture,
        )

    def paths(self) -> dict[str, str]:
        """{tag: path} of the npz files: `files` under their own names, members of a series as `<series>_<step>`."""
        paths = dict(self.files)
        for name, members in self.series.items():
            paths |= {f"{name}_{one['step']}": one["path"] for one in members}
        return paths


@dataclass(frozen=True)
class Diagnosis:
    """The measurements on every example: number of exponents, estimators (qr, svd), and the ACT steps to run instead
    of the network's own (0: its own). dtype : auto, float32 or float64, of the tangents of a checkpoint. starts :
    number of other starts, and of disturbances of the end, whose size is `disturbance` times its norm. positions :
    whether growth is measured at each position.
    """

    exponents: int
    estimator: tuple[str, ...]
    roll_out: int
    dtype: str
    starts: int = 0
    disturbance: float = 0.0
    positions: bool = False

    @classmethod
    def from_config(cls, experiment: Mapping[str, Any]) -> Self:
        """The settings of an experiment, or of the part of it that the rule names."""
        return cls(
            experiment["exponents"],
            tuple(experiment["estimator"]),
            experiment["roll_out"],
            experiment["dtype"],
            experiment["starts"],
            experiment["disturbance"],
            experiment["positions"],
        )


@dataclass(frozen=True)
class Settings:
    """How examples are divided into cells and resampled.

    late_steps : steps of the window's end whose mean drift is late drift. threshold : otsu, pooled, or log10 of a
    drift. leading : qr, qr_max or svd, the leading exponent. resamples : bootstrap replicates. seed : of resampling.
    """

    late_steps: int
    threshold: str | float
    leading: str
    resamples: int
    seed: int

    @classmethod
    def from_config(cls, experiment: Mapping[str, Any]) -> Self:
        """The settings of an experiment, or of the part of it that the rule names."""
        return cls(**{field.name: experiment[field.name] for field in fields(cls)})
