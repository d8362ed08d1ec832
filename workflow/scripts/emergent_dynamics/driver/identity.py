"""What a checkpoint belongs to: parameters without the horizon, code, software, and the engine and device in use."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from emergent_dynamics.runtime import provenance
from emergent_dynamics.driver.contract import Simulation

REQUESTS = ("engine", "device")  # what was asked for; `engine` and `device` below are what computes


@dataclass(frozen=True)
class Identity:
    """Everything that determines the bits of a trajectory. A checkpoint is continued if all five are equal.

    parameters : digest of all parameters but those of the horizon (`Simulation.horizon`) and the requested engine and
    device, so that `auto` and the engine that it chooses are one. code : digest of the code. software : versions of the
    packages that compute. engine, device : what computes, since engines and devices round differently.
    """

    parameters: str
    code: str
    software: str
    engine: str
    device: str

    @classmethod
    def of(cls, simulation: Simulation, attributes: Mapping[str, Any]) -> Self:
        """The identity of a simulation, from the attributes of its store (`provenance.attributes`)."""
        parameters = json.loads(attributes.get("parameters", "{}"))
        for name in (*simulation.horizon, *REQUESTS):
            parameters.pop(name, None)
        notes = simulation.notes()
        return cls(
            parameters=provenance.sha256(parameters),
            code=attributes.get("code_sha256", ""),
            software=provenance.canonical(provenance.computing(json.loads(attributes.get("software", "{}")))),
            engine=notes.get("engine", ""),
            device=notes.get("device", "cpu"),
        )

    def text(self) -> str:
        """The identity as text for a state file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The identity that `text` wrote; of a state file of an earlier version the engine is empty."""
        return cls(**{"engine": "", **json.loads(text)})
