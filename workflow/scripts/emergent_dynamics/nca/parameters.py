"""The parameters of one experiment of the self-replicating NCA, and the differences between the rules that its
authors ran.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

UNBOUNDED = 2**31 - 1  # a budget that no run reaches
# The sweeps of the thesis compare a list with a string, so they always use tanh, whatever they request.
AS_RUN = {"as_run_tanh": "tanh"}


@dataclass(frozen=True)
class Rule:
    """What differs between the three rules that the authors ran."""

    weights: str  # founders: "uniform" or "normal" Xavier weights
    hidden: str  # other channels of founders: "full" (1), "scalar" (threshold + (1 - threshold) * draw)
    birth: str  # a net is mutated when "own" net is empty, or (a bug of 2023) when the "source" net is
    change: (
        str  # of a mutated weight: "uniform" +U(-1, 1), "normal" +N(0, 1), "tensor" +N(0, 1) * one U(-1, 1)
    )
    inclusive: bool  # alpha equal to the threshold dies
    budget: bool  # cells die after `budget` generations
    grace: bool  # a newborn keeps its net although it is not alive yet


RULES = {
    "thesis2024": Rule("uniform", "full", "own", "uniform", inclusive=True, budget=True, grace=True),
    "april2024": Rule("normal", "scalar", "own", "normal", inclusive=True, budget=True, grace=False),
    "run2023": Rule("normal", "scalar", "source", "tensor", inclusive=False, budget=False, grace=False),
}


def unrecorded(experiment: Mapping[str, Any]) -> bool:
    """Return whether nobody recorded the parents of the nets: in pickles, and in arrays without a phylogeny."""
    own = experiment.get("recording")
    return bool(experiment.get("pickles") or (own and not own.get("phylogeny")))


class Stage(NamedTuple):
    """Parameters that hold in the step to generation `start` and all later ones; None means no change. See
    `landscape`.
    """

    start: int
    alive_threshold: float | tuple[float, ...] | None
    mutation: float | tuple[float, ...] | None
    budget: int | tuple[int, ...] | None


@dataclass(frozen=True)
class Parameters:
    """One experiment; units and limits are in `nca.schema.json`, which alone defines the defaults."""

    width: int
    height: int
    channels: int
    seed_fraction: float
    alive_threshold: float
    inheritance: float
    mutation: float
    budget: int  # generations; UNBOUNDED for none
    generations: int
    activation: str
    board_activation: str
    rule: str
    update: str
    alive_rounding: str
    landscape: tuple[Stage, ...]  # in the order of their starts
    catastrophe_every: int  # generations; 0 for never
    catastrophe_probability: float
    catastrophe_erases: str
    runs: int
    seed: int
    archive: str
    engine: str
    device: str

    @classmethod
    def from_config(cls, experiment: Mapping[str, object]) -> "Parameters":
        """Return the parameters of a validated experiment, with `catastrophe` flattened and budget "inf" as a
        number.
        """
        names = set(cls.__dataclass_fields__)
        flat: dict = {name: value for name, value in experiment.items() if name in names}
        flat |= {f"catastrophe_{name}": value for name, value in dict(experiment["catastrophe"]).items()}  # type: ignore[call-overload]
        flat["budget"] = _budget(flat["budget"])
        flat["landscape"] = tuple(
            Stage(
                stage["from"],
                _by_strip(stage.get("alive_threshold")),
                _by_strip(stage.get("mutation")),
                _budget(stage.get("budget")),
            )
            for stage in flat["landscape"]
        )
        return cls(**flat)

    @property
    def cells(self) -> int:
        return self.width * self.height

    @property
    def founders(self) -> int:
        """The number of founders, int(W H p), which is exact as in the authors' code and not binomial."""
        return int(self.cells * self.seed_fraction)

    @property
    def genes(self) -> int:
        """The number of weights of one net: fc1 (C, 9C), then fc2 (C, C). Its biases are always zero, so they are not
        genes.
        """
        return 10 * self.channels**2

    @property
    def board(self) -> str:
        return AS_RUN.get(self.board_activation, self.board_activation)


def _by_strip(value: Any) -> Any:
    """Return a value of a stage; a list, which has one value per strip, becomes a tuple."""
    return tuple(value) if isinstance(value, list) else value


def _budget(value: Any) -> Any:
    """Return a budget, or one per strip, as numbers; "inf" becomes a number that no run reaches, and None stays
    None.
    """
    if value is None:
        return None
    if isinstance(value, list):
        return tuple(map(_budget, value))
    return UNBOUNDED if value in ("inf", math.inf) else int(value)
