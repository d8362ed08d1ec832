"""Find values of a reasoning experiment that contradict each other; imports neither Numba nor torch."""

from collections.abc import Iterator, Mapping
from typing import Any

from emergent_dynamics.inputs.content import exists

Fault = tuple[str, Any, str]
DECIDED_BY_CHECKPOINT = ("runs", "model", "network", "task", "training", "checkpoints", "files", "series")
# With fewer givens fewer than a fifth of the attempts give a puzzle; a puzzle of 9x9 needs at least 17.
FEWEST_MADE = {4: 4, 6: 9, 9: 23}
TAKEN = "another tag: a member of series has this one"
WANTED = {
    "checkpoint.path": "a state dict or a folder of step_<n>",
    "checkpoint.steps": "steps that are there",
    "checkpoint.config": "the all_config.yaml of the run, or its arch keys",
    "checkpoint.data": "a data folder with the split, or a file of sudoku puzzles",
    "examples": "as many as the split has",
}


def check(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield (key, value, what is allowed) for everything wrong in an experiment that the schema has accepted and
    completed.
    """
    source = experiment["source"]
    if source == "checkpoint":
        yield from _checkpoint(experiment)
    else:
        yield from _window(experiment, experiment["act_steps"], "act_steps")
        if experiment["dtype"] != "auto":
            yield "dtype", experiment["dtype"], "auto, unless source is checkpoint"
    for key in ("starts", "positions"):
        if experiment[key] and source not in ("train", "checkpoint"):
            yield key, experiment[key], "absent, unless source is train or checkpoint"
    if source != "npz" and experiment["keys"]:
        yield "keys", experiment["keys"], "absent, unless source is npz"
    if source == "npz":
        yield from _files(experiment)
    elif experiment["compatibility"] == "seed":
        yield "compatibility", "seed", "none, unless source is npz"
    if source == "train":
        yield from _training(experiment)
    yield from _windows(experiment)
    if experiment["exponents"] == 0 and "svd" in experiment["estimator"]:
        yield "exponents", 0, "at least 1, as estimator has svd"
    if experiment["leading"] == "svd" and not (source == "capture_map" or "svd" in experiment["estimator"]):
        yield "leading", "svd", "qr or qr_max, as estimator has no svd"


def inputs(experiment: Mapping[str, Any]) -> dict[str, str]:
    """Return {key: path} of the files that an experiment reads without naming each of them by a key of the schema."""
    if experiment["source"] != "checkpoint":
        return {}
    from emergent_dynamics.reasoning.official import inspection

    return inspection.inputs(experiment)


def _window(experiment: Mapping[str, Any], steps: int, name: str) -> Iterator[Fault]:
    if experiment["late_steps"] > steps and experiment["source"] != "npz":
        yield "late_steps", experiment["late_steps"], f"at most {name} = {steps}"
    if 0 < experiment["roll_out"] < steps:
        yield "roll_out", experiment["roll_out"], f"0, or at least {name} = {steps}"


def _checkpoint(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the first fault of the files, or a key that the checkpoint decides and that must therefore be absent."""
    from emergent_dynamics.config.schema import read_schemas, resolve
    from emergent_dynamics.reasoning.official import inspection

    defaults = resolve(read_schemas()[1]["reasoning"], {})
    for key in DECIDED_BY_CHECKPOINT:
        if experiment[key] != defaults[key]:
            yield key, experiment[key], "absent, as source is checkpoint, whose files decide it"
            return
    for key in ("path", "data"):
        if not experiment["checkpoint"][key]:
            yield f"checkpoint.{key}", "", f"{WANTED[f'checkpoint.{key}']}, as source is checkpoint"
            return
    try:
        brought = inspection.bring(experiment)
        inspection.draw(experiment)
    except inspection.Unusable as error:
        value: Any = experiment
        for part in error.key.split("."):
            value = value[part]
        yield error.key, value, f"{WANTED[error.key]}; {error}"
        return
    steps = brought.sizes.act_steps
    if experiment["act_steps"] not in (defaults["act_steps"], steps):
        yield (
            "act_steps",
            experiment["act_steps"],
            f"absent or halt_max_steps = {steps}; set roll_out for more steps",
        )
    yield from _window(experiment, steps, "halt_max_steps")


def _files(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    if not experiment["files"] and not experiment["series"]:
        yield "files", experiment["files"], "at least one tag: path, as source is npz"
    for name, series in experiment["series"].items():
        steps = [one["step"] for one in series]
        if steps != sorted(set(steps)):
            yield f"series.{name}", steps, "steps that increase"
        for step in steps:
            if f"{name}_{step}" in experiment["files"]:
                yield f"files.{name}_{step}", experiment["files"][f"{name}_{step}"], TAKEN
    yield from _archives(experiment)


def _archives(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the first fault of each file of diagnostics; a missing file is reported by the configuration itself."""
    paths = [(f"files.{tag}", path) for tag, path in experiment["files"].items()]
    paths += [(f"series.{n}", one["path"]) for n, series in experiment["series"].items() for one in series]
    here = [(key, path) for key, path in paths if exists(path)]
    if not here:
        return
    from emergent_dynamics.reasoning import ingest  # imports xarray: half a second

    for key, path in here:
        try:
            ingest.check(ingest.read(path, experiment["keys"])[0], path, experiment["nan"])
        except ingest.Rejected as error:
            yield key, path, f"a file of diagnostics; {error}"


def _training(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    checkpoints = experiment["checkpoints"]
    if experiment["runs"] != 1:
        yield "runs", experiment["runs"], "1 when source is train; seeds: [1, 2, 3] trains several"
    if checkpoints != sorted(set(checkpoints)) or checkpoints[0] < 1:
        yield "checkpoints", checkpoints, "training steps that increase, from 1"
    yield from _task(experiment["task"], experiment["examples"])
    yield from _network(experiment["network"])


def _task(task: Mapping[str, Any], examples: int) -> Iterator[Fault]:
    own = [key for key, path in task["own"].items() if path is not None]
    if not own and examples > task["test"]:
        yield "examples", examples, f"at most task.test = {task['test']}"
    if task["kind"] == "maze":
        yield from _maze(task, own)
        return
    if task["size"] not in (4, 6, 9):
        yield "task.size", task["size"], "4, 6 or 9 for sudoku"
        return
    cells = task["size"] ** 2
    for key in ("givens", "test_givens"):
        if task[key] and not (len(task[key]) == 2 and task[key][0] <= task[key][1] <= cells):
            yield f"task.{key}", task[key], f"two numbers, fewest and most, up to {cells} for this size"
    if task["test_givens"] and task["own"]["test"] is not None:
        yield "task.test_givens", task["test_givens"], "absent, as task.own.test names the test puzzles"
    if own:
        yield from _own_puzzles(task, examples)
    least = FEWEST_MADE[task["size"]]
    for key in ("givens", "test_givens"):
        made = task[key] and not (key == "givens" and task["own"]["train"] is not None)
        if made and task[key][1] < least:
            yield (
                f"task.{key}",
                task[key],
                f"fewest, most, the latter at least {least}: generated puzzles rarely have fewer",
            )


def _maze(task: Mapping[str, Any], own: list[str]) -> Iterator[Fault]:
    if task["size"] % 2 == 0:
        yield "task.size", task["size"], "odd and at least 3 for maze"
    if task["augment"]:
        yield "task.augment", True, "false for maze"
    if task["test_givens"]:
        yield "task.test_givens", task["test_givens"], "absent, as a maze has no givens"
    for key in own:
        yield f"task.own.{key}", task["own"][key], "null for maze"


def _own_puzzles(task: Mapping[str, Any], examples: int) -> Iterator[Fault]:
    """Yield the first fault of the files; every puzzle is solved here, before anything runs."""
    paths = {key: path for key, path in task["own"].items() if path is not None}
    if not all(map(exists, paths.values())):  # the configuration itself reports missing files
        return
    from emergent_dynamics.inputs.array import Unusable
    from emergent_dynamics.reasoning import puzzle_files, tasks  # imports Numba

    counts = {}
    for key, path in paths.items():
        try:
            puzzles = puzzle_files.read(path)
        except Unusable as error:
            yield f"task.own.{key}", path, f"a file of sudoku puzzles; it {error}"
            return
        if puzzle_files.size_of(puzzles) != task["size"]:
            size = puzzle_files.size_of(puzzles)
            yield "task.size", task["size"], f"{size}, as {path} has puzzles of {size}x{size}"
            return
        counts[key] = len(puzzles.question)
    tested = counts.get("test", task["test"])
    if examples > tested:
        yield "examples", examples, f"at most {tested}, the number of test puzzles"
    elif "train" in counts and not task["test_givens"]:
        try:
            tasks.make(task, 1)
        except ValueError as error:
            yield "task.own.train", paths["train"], f"more puzzles; {error}"


def _network(network: Mapping[str, Any]) -> Iterator[Fault]:
    if network["width"] % network["heads"]:
        yield "network.heads", network["heads"], "a divisor of network.width"
    elif network["encoding"] == "rope" and network["width"] // network["heads"] % 2:
        yield "network.encoding", "rope", "learned or none, as width / heads is odd"
    if network["mixer"] == "mlp" and network["encoding"] != "learned":
        yield "network.encoding", network["encoding"], "absent, as mixer is mlp, which knows positions"


def _windows(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    windows = experiment["capture"]
    apart = abs(windows["centre"] - windows["trap"])
    if windows["trap_radius"] > 0 and apart < windows["radius"] + windows["trap_radius"]:
        yield "capture.trap", windows["trap"], "a place whose window does not overlap the solution's"
