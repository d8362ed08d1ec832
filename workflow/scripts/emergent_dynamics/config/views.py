"""What a system brings to the atlas, from its schema's key `atlas`: which control it sweeps, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emergent_dynamics.config.errors import Fault, nearest
from emergent_dynamics.config.schema import Schema, first_fault, resolve

MEMORY_MB = 500  # of a system's sweep that says nothing else


@dataclass(frozen=True)
class View:
    """parameters : of the system's sweep for the atlas, complete. control : the key of an experiment that it sweeps.

    reads : paths below the system's results, `<experiment>/<path>`, that the sweep takes in. mem_mb : its memory.
    """

    parameters: Mapping[str, Any]
    control: str
    reads: tuple[str, ...]
    mem_mb: int

    @property
    def experiment(self) -> str | None:
        """The experiment whose control value is ringed."""
        name: str | None = self.parameters["experiment"]
        return name


def view(
    system: str, systems: Mapping[str, Schema], given: Mapping[str, Any], experiments: Sequence[str]
) -> Fault | View:
    """The view of one system, or its first fault. experiments : the names that `experiment` may have."""
    offering = [name for name, schema in systems.items() if "atlas" in schema]
    if system not in offering:
        return Fault((), f": no system of the atlas; {nearest(system, offering)}")
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
