"""The identity of a checkpoint: parameters without the horizon, code, software, and the device that computed it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from emergent_dynamics.runtime import provenance
from emergent_dynamics.driver.contract import Simulation


@dataclass(frozen=True)
class Identity:
    """Everything that determines the bits of a trajectory. A checkpoint is continued if all four are equal.

    parameters : digest of all parameters but those of the horizon (`Simulation.horizon`).
    code : digest of the code. software : versions of the packages that compute. device : name of the device, since
    devices round differently.
    """

    parameters: str
    code: str
    software: str
    device: str

    @classmethod
    def of(cls, simulation: Simulation, attributes: Mapping[str, Any]) -> Self:
        """The identity of a simulation, from the attributes of its store (`provenance.attributes`)."""
        parameters = json.loads(attributes.get("parameters", "{}"))
        for name in simulation.horizon:
            parameters.pop(name, None)
        return cls(
            parameters=provenance.sha256(parameters),
            code=attributes.get("code_sha256", ""),
            software=provenance.canonical(provenance.computing(json.loads(attributes.get("software", "{}")))),
            device=simulation.notes().get("device", "cpu"),
        )

    def text(self) -> str:
        """The identity as text for a state file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The identity from the text that `text` returned."""
        return cls(**json.loads(text))
