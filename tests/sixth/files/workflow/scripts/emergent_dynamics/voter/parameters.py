"""The parameters of one experiment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Parameters:
    """One experiment; nothing here has a default."""

    voters: int
    ones: int  # voters with opinion 1 at the start
    runs: int
    steps: int
    seed: int


def from_config(config: Mapping[str, Any]) -> Parameters:
    """From a complete experiment; the share of opinion 1 is rounded to whole voters."""
    ones = round(config["share"] * config["voters"])
    return Parameters(config["voters"], ones, config["runs"], config["steps"], config["seed"])
