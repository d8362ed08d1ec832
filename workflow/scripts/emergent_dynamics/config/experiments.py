"""Experiments of a configuration: validated, completed with defaults, and one for each member of a sweep."""

import copy
import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emergent_dynamics.config.command_line import refuse_misread
from emergent_dynamics.config.errors import Fault, Key, dotted, nearest, one_line
from emergent_dynamics.config.schema import Schema, first_fault, paths, read_schemas, resolve
from emergent_dynamics.config.sweep import members
from emergent_dynamics.config.views import View, view
from emergent_dynamics.inputs.content import content_sha256, exists, is_store, located

DIFFERS = "differs from {} in case only; on some systems both are one folder"
LONGEST_NAME = 200  # characters of a folder: 255 bytes are allowed, of which temporary names take some


@dataclass(frozen=True)
class Experiment:
    """One experiment of a system.

    parameters : all parameters. inputs : {key: path} of the files that they name. analysed : keys that only analyses
    read.
    """

    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    analysed: frozenset[str]


@dataclass(frozen=True)
class Experiments:
    """Everything that a configuration asks for, in its order."""

    runnable: Mapping[str, Mapping[str, Experiment]]
    swept: Mapping[str, Mapping[str, tuple[str, ...]]]
    titles: Mapping[str, str]  # {system: title that is displayed}
    atlas: Mapping[str, View]  # {system: its sweep for the atlas}

    @property
    def systems(self) -> list[str]:
        """Systems that have an experiment."""
        return [system for system, found in self.runnable.items() if found]

    def names(self, system: str) -> list[str]:
        """Names of the experiments that run: `circle`, or `scan/beta=9,tokens=64` for each member of a sweep."""
        return list(self.runnable.get(system, {}))

    def groups(self, system: str) -> dict[str, list[str]]:
        """{swept experiment: names of its members}, written as in `names`."""
        return {name: list(found) for name, found in self.swept.get(system, {}).items()}

    def members(self, system: str, name: str) -> list[str]:
        """The names of the members of a swept experiment; for any other experiment, its own name alone."""
        return list(self.swept.get(system, {}).get(name, (name,)))

    def pattern(self, system: str, *keys: str) -> str:
        """A regular expression that matches the experiments in which one of `keys` is set, or nothing without any."""
        found = [
            n for n, e in self.runnable.get(system, {}).items() if any(e.parameters[key] for key in keys)
        ]
        return "|".join(map(re.escape, found)) or "(?!)"

    def parameters(self, system: str, name: str) -> dict[str, Any]:
        """All parameters of one experiment, and `inputs_sha256`: {key: SHA-256 of the file that it names}."""
        experiment = self.runnable[system][name]
        hashes = {key: content_sha256(path) for key, path in experiment.inputs.items()}
        return {**copy.deepcopy(dict(experiment.parameters)), "inputs_sha256": hashes}

    def simulation(self, system: str, name: str) -> dict[str, Any]:
        """The parameters of the simulation: all except those that the schema marks `"stage": "analysis"`."""
        analysed = self.runnable[system][name].analysed
        return {key: value for key, value in self.parameters(system, name).items() if key not in analysed}

    def analysis(self, system: str, name: str, keys: Sequence[str]) -> dict[str, Any]:
        """The named parameters, for a rule that reads no others."""
        parameters = self.parameters(system, name)
        return {key: parameters[key] for key in keys}

    def ring(self, system: str) -> float | None:
        """The value of the control parameter that the system's panel of the atlas marks with a ring.

        It is the value in the experiment that the atlas names; None if no experiment is named or if the value is no
        number.
        """
        experiment = self.atlas[system].experiment
        return None if experiment is None else self.controls(system).get(experiment)

    def controls(self, system: str) -> dict[str, float]:
        """{experiment: its value of the control parameter of the atlas}, of those in which it is a number."""
        found = {}
        for name, experiment in self.runnable.get(system, {}).items():
            value: Any = experiment.parameters
            for key in self.atlas[system].control.split("."):
                value = value[key]
            if isinstance(value, int | float):
                found[name] = float(value)
        return found


def load(
    config: Mapping[str, Any], files: Sequence[str | Path] = (), schemas: Path | None = None
) -> Experiments:
    """The experiments of Snakemake's merged configuration; raises `ConfigError` for the first mistake found.

    files : the configuration files in the order they were merged, so that an error can name the right one.
    schemas : directory of `config.schema.json` and one `<system>.schema.json` per system.
    """
    refuse_misread(files)
    top, systems = read_schemas(schemas)
    fault = _not_json(config) or first_fault(top, config) or _unknown_system(config, systems)
    if fault:
        raise fault.error(config, files)
    runnable: dict[str, dict[str, Experiment]] = {}
    swept: dict[str, dict[str, tuple[str, ...]]] = {}
    for system, experiments in (config["experiments"] or {}).items():
        runnable[system], swept[system] = {}, {}
        for name, given in (experiments or {}).items():
            if given is False:  # switched off
                continue
            found = _expand(system, systems[system], name, given or {})
            if isinstance(found, Fault):
                key = ("experiments", system, name, *found.key)
                raise Fault(key, found.message).error(config, files)
            if unfit := _unfit_names(found, runnable[system]):
                raise Fault(("experiments", system, name), unfit).error(config, files)
            runnable[system] |= found
            if list(found) != [name]:
                swept[system][name] = tuple(found)
    views = _views(config.get("atlas") or {}, systems, runnable)
    if isinstance(views, Fault):
        raise Fault(("atlas", *views.key), views.message).error(config, files)
    titles = {system: systems[system].get("title", system) for system in [*runnable, *views]}
    return Experiments(runnable, swept, titles, views)


def _unfit_names(members: Mapping[str, Any], others: Mapping[str, Any]) -> str | None:
    """Why the names of an experiment's members cannot be names of folders beside the others; None if they can."""
    name = next(iter(members)).partition("/")[0]
    for other in {one.partition("/")[0] for one in others}:
        if other.casefold() == name.casefold():
            return f": the name {DIFFERS.format(other)}"
    taken: dict[str, str] = {}
    for member in members:
        longest = max(member.split("/"), key=len)
        if len(longest) > LONGEST_NAME:
            what = "the name" if longest == name else f"the name of a member of its sweep, {longest[:40]}...,"
            return f": {what} has {len(longest)} characters; must have at most {LONGEST_NAME}, as it names a folder"
        if member.casefold() in taken:
            return f": its member {member} {DIFFERS.format(taken[member.casefold()])}"
        taken[member.casefold()] = member
    return None


def _views(
    config: Mapping[str, Any], systems: Mapping[str, Schema], runnable: Mapping[str, Mapping[str, Experiment]]
) -> Fault | dict[str, View]:
    """{system: its sweep for the atlas}, or the first mistake.

    Systems with experiments come first, in the order of the configuration, then those that only the atlas names.
    """
    found = {}
    for system in sorted(config, key=lambda name: [*runnable, *config].index(name)):
        if config[system] is False:  # switched off
            continue
        one = view(system, systems, config[system] or {}, list(runnable.get(system, {})))
        if isinstance(one, Fault):
            return Fault((system, *one.key), one.message)
        found[system] = one
    return found


def _expand(
    system: str, schema: Schema, name: str, given: Mapping[str, Any]
) -> Fault | dict[str, Experiment]:
    """The members of one entry by name (the entry itself if nothing is swept), or its first mistake."""
    spelled = _spelled_out(schema, given)
    if isinstance(spelled, Fault):
        return spelled
    given = spelled
    sweep = given.get("sweep", {})
    known = [key for key in schema["properties"] if key not in ("sweep", "seeds")]
    choices = members(sweep, known)
    if isinstance(choices, Fault):
        return Fault(("sweep", *choices.key), choices.message)
    found = {}
    for label, choice in choices.items():
        member = f"{name}/{label}" if choice else name
        own = {key: value for key, value in given.items() if key != "sweep"}
        own |= {key: sweep[key][i] for key, i in choice.items()}
        experiment = _experiment(system, schema, own)
        if isinstance(experiment, Fault):
            return _in_member(experiment, choice, member)
        found[member] = experiment
    return found


def _spelled_out(schema: Schema, given: Mapping[str, Any]) -> Fault | Mapping[str, Any]:
    """The entry with `seeds: [1, 2]`, if the system has that key, replaced by `sweep: {seed: [1, 2]}`."""
    if "seeds" not in schema["properties"] or not given.get("seeds"):
        return given
    if fault := first_fault(schema, {"seeds": given["seeds"]}):
        return fault
    sweep = given.get("sweep", {})
    if isinstance(sweep, Mapping) and "seed" in sweep:
        return Fault.value(("sweep", "seed"), sweep["seed"], "absent where seeds is given")
    rest = {key: value for key, value in given.items() if key != "seeds"}
    return {**rest, "sweep": {**sweep, "seed": given["seeds"]}} if isinstance(sweep, Mapping) else rest


def _experiment(system: str, schema: Schema, given: Mapping[str, Any]) -> Fault | Experiment:
    if fault := first_fault(schema, given):
        return fault
    parameters = {k: v for k, v in resolve(schema, given).items() if k not in ("sweep", "seeds")}
    for key, value, allowed in _cross_checks(system, parameters):
        return Fault.value(tuple(key.split(".")), value, allowed)
    inputs = dict(paths(schema, parameters))
    for place, path in inputs.items():
        if not exists(path):
            hint = "" if Path(path).is_absolute() else f"relative paths start in {one_line(str(Path.cwd()))}"
            return Fault.value(place, path, "a file that exists", hint)
        if (folder := located(path)[0]).is_dir() and not is_store(folder):  # all in it would be hashed
            return Fault.value(place, path, "a file; it is a folder but no Zarr store")
    found = {dotted(place): path for place, path in inputs.items()} | _room_inputs(system, parameters)
    analysed = frozenset(key for key, of in schema["properties"].items() if of.get("stage") == "analysis")
    return Experiment(parameters, found, analysed)


def _in_member(fault: Fault, choice: Mapping[str, int], member: str) -> Fault:
    """The same mistake with the key at which the user wrote the value: that of the sweep, if it is swept."""
    first = str(fault.key[0]) if fault.key else ""
    key: Key = ("sweep", first, choice[first], *fault.key[1:]) if first in choice else fault.key
    return Fault(key, f"{fault.message} (in {member})" if choice else fault.message)


def _cross_checks(system: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """(key, value, what is allowed) for values that contradict each other, from the system's module `checks`."""
    if checks := _checks(system):
        yield from checks.check(parameters)


def _room_inputs(system: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """{key: path} of the files that the system reads from folders named by the parameters; {} if it reads none."""
    return dict(checks.inputs(parameters)) if hasattr(checks := _checks(system), "inputs") else {}


def _checks(system: str) -> Any:
    """The system's module `checks`; None if it has none."""
    module = f"emergent_dynamics.{system}.checks"
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if not module.startswith(str(error.name)):
            raise
        return None


def _unknown_system(config: Mapping[str, Any], systems: Mapping[str, Schema]) -> Fault | None:
    for system in config["experiments"] or {}:
        if system not in systems:
            return Fault(("experiments", system), f": unknown system; {nearest(system, systems)}")
    return None


def _not_json(value: Any, key: Key = ()) -> Fault | None:
    """The first value that JSON cannot represent (a key that is not text, a date, a set, bytes); None without one."""
    if isinstance(value, Mapping):
        for k in value:
            if not isinstance(k, str):
                return Fault((*key, str(k)), ": the name must be text; quote it")
        return next(filter(None, (_not_json(v, (*key, k)) for k, v in value.items())), None)
    if isinstance(value, list):
        return next(filter(None, (_not_json(v, (*key, i)) for i, v in enumerate(value))), None)
    if value is None or isinstance(value, bool | int | float | str):
        return None
    return Fault.value(key, value, "text, a number, a list or a mapping", "quote it")
