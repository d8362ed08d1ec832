"""Reads and checks the files, sizes and draw of a checkpoint experiment before anything runs (NumPy, no torch)."""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emergent_dynamics.inputs.content import located
from emergent_dynamics.reasoning.official import Refused, configuration, cost, headers, puzzles
from emergent_dynamics.reasoning.official.architecture import Architecture

STEP = re.compile(r"step_(\d+)(\.pt|\.pth|\.safetensors)?")


class Unusable(Refused):
    """A fault in one line, with the key of the experiment to which it belongs."""

    def __init__(self, key: str, line: str) -> None:
        super().__init__(line)
        self.key = key


@dataclass(frozen=True)
class Brought:
    """A trained model and its files. files : training step -> state dict, ascending. split : the split from which
    examples are drawn.
    """

    sizes: Architecture
    files: Mapping[int, Path]
    config: Path | None
    split: puzzles.Split


def bring(experiment: Mapping[str, Any]) -> Brought:
    """Return what the headers of the files of a checkpoint experiment tell, without reading a weight.

    Raises Unusable, in one line, where a file does not fit.
    """
    asked = experiment["checkpoint"]
    stamp = tuple(_stamp(path) for path in (asked["path"], asked["data"]))
    return _bring(json.dumps(asked, sort_keys=True), stamp)


@functools.lru_cache(maxsize=64)
def _bring(text: str, stamp: tuple[int, ...]) -> Brought:
    asked = json.loads(text)
    with _of("checkpoint.path"):
        found = step_files(Path(asked["path"]))
    with _of("checkpoint.steps"):
        found = _chosen(found, asked["steps"], asked["path"])
    with _of("checkpoint.data"):
        split = puzzles.read(Path(asked["data"]), asked["split"])
    with _of("checkpoint.config"):
        config, arch = _configuration(asked, next(iter(found.values())))
        sizes = configuration.architecture(arch, split.sizes, str(config or "checkpoint.config"))
    with _of("checkpoint.path"):
        _check_headers(found, sizes)
    return Brought(sizes, found, config, split)


def step_files(path: Path) -> dict[int, Path]:
    """{training step: file} of a file of any name (step 0 unless it is `step_<n>`), or of a folder of `step_<n>`."""
    if path.is_file():
        match = STEP.fullmatch(path.name)
        return {int(match[1]) if match else 0: path}
    if not path.is_dir():
        raise Refused(f"{path}: no such file or folder")
    found: dict[int, Path] = {}
    for file in sorted(path.iterdir()):
        match = STEP.fullmatch(file.name)
        if match is None or not file.is_file():
            continue
        step = int(match[1])
        if step in found:
            raise Refused(f"{found[step]} and {file} are both of step {step}; name one as path")
        found[step] = file
    if not found:
        raise Refused(f"{path}: no file step_<n>, with or without .pt, .pth or .safetensors")
    return dict(sorted(found.items()))


def inputs(experiment: Mapping[str, Any]) -> dict[str, str]:
    """Files whose content decides the trajectory: the chosen checkpoints, their configuration, and the puzzles.

    Returns {key in the experiment: path}.
    """
    brought = bring(experiment)
    asked = experiment["checkpoint"]
    paths = {f"step_{step}": path for step, path in brought.files.items()}
    if brought.config is not None:
        paths["config"] = brought.config
    paths |= {f"data_{name}": p for name, p in puzzles.files(Path(asked["data"]), asked["split"]).items()}
    return {f"checkpoint.{name}": str(path) for name, path in paths.items()}


def draw(experiment: Mapping[str, Any]) -> puzzles.Drawn:
    """Return the examples that are diagnosed; raises Unusable."""
    brought, asked = bring(experiment), experiment["checkpoint"]
    try:
        return puzzles.draw(brought.split, asked["draw"], experiment["examples"], experiment["seed"])
    except puzzles.TooFew as error:
        raise Unusable("examples", str(error)) from None
    except Refused as error:
        raise Unusable("checkpoint.data", str(error)) from None


def shards(experiment: Mapping[str, Any]) -> list[str]:
    """Return the names of all diagnosis jobs: `<training step>-<number>`."""
    brought = bring(experiment)
    jobs = -(
        -experiment["examples"]
        // cost.shard(brought.sizes, work(experiment, brought.sizes), experiment["examples"])
    )
    return [f"{step}-{number}" for step in brought.files for number in range(jobs)]


def work(experiment: Mapping[str, Any], sizes: Architecture) -> cost.Work:
    """Return what the experiment computes for every example."""
    return cost.planned(experiment, sizes.act_steps)


@contextmanager
def _of(key: str) -> Iterator[None]:
    try:
        yield
    except Unusable:
        raise
    except Refused as error:
        raise Unusable(key, str(error)) from None
    except OSError as error:
        raise Unusable(key, f"{error.filename}: {error.strerror}") from None


def _stamp(path: str) -> int:
    here = located(path)[0]
    return here.stat().st_mtime_ns if here.exists() else 0


def _chosen(found: dict[int, Path], steps: list[int], path: str) -> dict[int, Path]:
    for step in steps:
        if step not in found:
            listed = ", ".join(str(one) for one in found)
            raise Refused(f"{path}: no checkpoint of step {step}; there are {listed}")
    return {step: file for step, file in found.items() if not steps or step in steps}


def _configuration(asked: Mapping[str, Any], file: Path) -> tuple[Path | None, Mapping[str, Any]]:
    if isinstance(asked["config"], Mapping):
        return None, asked["config"]
    path = file.parent / "all_config.yaml" if asked["config"] == "auto" else Path(asked["config"])
    return path, configuration.read(path)


def _check_headers(files: Mapping[int, Path], sizes: Architecture) -> None:
    first: tuple[Path, dict[str, headers.Tensor]] | None = None
    for path in files.values():
        found = headers.read(path)
        if found is None:  # a torch file of the old format is checked when torch reads it
            continue
        if first is not None:
            for name in sorted(first[1].keys() | found.keys()):
                one, other = (t[name].shape if name in t else "absent" for t in (first[1], found))
                if one != other:
                    raise Refused(f"{first[0]} and {path} differ in {name}: {one} and {other}")
        else:
            sizes.check({name: tensor.shape for name, tensor in found.items()}, str(path))
            first = path, found
