"""Whose checkpoint it is: parameters without the horizon, code, software and the device that computed it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from emergent_dynamics.runtime import provenance
from emergent_dynamics.driver.contract import Simulation

COMPUTING = ("numpy", "numba", "torch", "zarr")  # packages whose version may change a bit of a result


@dataclass(frozen=True)
class Identity:
    """What decides the bits of a trajectory; a checkpoint is continued where all four are equal.

    parameters : digest of all parameters but those of the horizon (`Simulation.horizon`).
    code : digest of the code. software : versions of the packages that compute. device : its name; devices round
    differently.
    """

    parameters: str
    code: str
    software: str
    device: str

    @classmethod
    def of(cls, simulation: Simulation, attributes: Mapping[str, Any]) -> Self:
        """Of a simulation whose store shall carry these attributes (`provenance.attributes`)."""
        parameters = json.loads(attributes.get("parameters", "{}"))
        for name in simulation.horizon:
            parameters.pop(name, None)
        versions = json.loads(attributes.get("software", "{}"))
        return cls(
            parameters=provenance.sha256(parameters),
            code=attributes.get("code_sha256", ""),
            software=provenance.canonical({k: v for k, v in versions.items() if k in COMPUTING}),
            device=simulation.notes().get("device", "cpu"),
        )

    def text(self) -> str:
        """As a state file keeps it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What `text` wrote."""
        return cls(**json.loads(text))
