"""The sweep of a system for the atlas, as the key `atlas` of its schema describes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emergent_dynamics.config.errors import Fault, nearest
from emergent_dynamics.config.schema import Schema, first_fault, resolve

MEMORY_MB = 500  # memory of the sweep if the schema does not state it


@dataclass(frozen=True)
class View:
    """The sweep of one system for the atlas.

    parameters : all parameters of the sweep. control : the key of an experiment whose value is swept.
    reads : files `<experiment>/<path>` below the system's results that the sweep reads. mem_mb : memory it needs, MB.
    """

    parameters: Mapping[str, Any]
    control: str
    reads: tuple[str, ...]
    mem_mb: int

    @property
    def experiment(self) -> str | None:
        """The experiment whose value of the control parameter is marked with a ring; None if there is none."""
        name: str | None = self.parameters["experiment"]
        return name


def view(
    system: str, systems: Mapping[str, Schema], given: Mapping[str, Any], experiments: Sequence[str]
) -> Fault | View:
    """The sweep of one system, or its first mistake. experiments : allowed names of experiments."""
    offering = [name for name, schema in systems.items() if "atlas" in schema]
    if system not in offering:
        return Fault((), f": not a system of the atlas; {nearest(system, offering)}")
    schema = systems[system]["atlas"]
    if fault := first_fault(schema, given):
        return fault
    parameters = resolve(schema, given)
    files: Mapping[str, Sequence[str]] = schema.get("reads", {})
    reads: list[str] = []
    for key in dict.fromkeys(["experiment", *files]):
        name = parameters[key]
        if name is None:
            continue
        if name not in experiments:
            return Fault.value((key,), name, f"an experiment of {system}", nearest(name, experiments))
        reads += [f"{name}/{path}" for path in files.get(key, ())]
    return View(parameters, schema["control"], tuple(reads), schema.get("mem_mb", MEMORY_MB))
