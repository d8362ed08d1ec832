"""Around every job: its log, one-line errors, the versions it ran with, what it took, and whose library it imported."""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import resource
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from emergent_dynamics import __version__, garbage, peak, store
from emergent_dynamics.errors import TemporaryFailure

LIBRARY = Path(__file__).resolve().parent
PACKAGES = ("numpy", "numba", "scipy", "zarr", "xarray", "torch", "scikit-learn", "snakemake")
TEMPORARY_FAILURE = 75


@contextlib.contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Write the rule's log, and end with one line where something went wrong.

    What goes to standard error goes to the log file too (a bar in a terminal stays out of it). A mistake that a
    user can mend is one line, with the exit status of a failed job; a bug keeps its traceback, in the log.
    """
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    garbage.begin()
    with log.open("w", buffering=1) as file:
        terminal, sys.stderr = sys.stderr, file
        try:
            _require_own_library(Path(snakemake.scriptdir))
            print(json.dumps({"rule": snakemake.rule, "software": software(), **_slurm()}), file=file)
            yield
        except TemporaryFailure as error:
            _end(str(error), terminal, file, TEMPORARY_FAILURE)
        except Exception as error:
            damage = _damaged_input(snakemake)
            if damage is None and not isinstance(error, (ValueError, OSError)):
                raise
            traceback.print_exc(file=file)
            _end(damage or " ".join(str(error).split()), terminal, file, 1)
        else:
            print(json.dumps(_took(snakemake.resources)), file=file)
        finally:
            sys.stderr = terminal
            garbage.end()


def software() -> dict[str, str]:
    """Versions of Python and of the packages that numbers depend on, as far as they are installed."""
    versions = {"python": platform.python_version(), "emergent-dynamics": __version__}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions


def trajectory(system: str, snakemake: Any) -> dict[str, Any]:
    """The arguments of `driver.run` for a simulate rule, which has params `parameters`, `code` and `checkpoint`."""
    experiment, parameters = snakemake.wildcards.experiment, snakemake.params.parameters
    return {
        "folder": snakemake.params.checkpoint,
        "destination": snakemake.output.trajectory,
        "fingerprint": fingerprint(parameters, snakemake.params.code),
        "attributes": attributes(system, experiment, parameters, snakemake.params.code),
        "name": f"{system}/{experiment}",
    }


def attributes(
    system: str, experiment: str, parameters: Mapping[str, Any], code_sha256: str
) -> dict[str, Any]:
    """The attributes that every trajectory carries; equal inputs give equal attributes."""
    return {
        "system": system,
        "experiment": experiment,
        "parameters": canonical(parameters),
        "parameters_sha256": sha256(parameters),
        "code_sha256": code_sha256,
        "seed": str(parameters["seed"]),  # as text: JSON readers round integers beyond 2**53
        "software": json.dumps(software()),
    }


def parameters(dataset: Any) -> dict[str, Any]:
    """The parameters that a store of ours was made with."""
    return json.loads(dataset.attrs["parameters"])


def derived(source: Any, analysis: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """The attributes of a store computed from another: who it is about, and all parameters that made it."""
    joined = {**parameters(source), **analysis}
    kept = {name: source.attrs[name] for name in ("system", "experiment", "seed")}
    return {**kept, "parameters": canonical(joined), "software": json.dumps(software())}


def canonical(parameters: Mapping[str, Any]) -> str:
    """JSON with sorted keys: equal parameters, equal text."""
    return json.dumps(parameters, sort_keys=True, allow_nan=False)


def sha256(parameters: Mapping[str, Any]) -> str:
    """Digest of the canonical JSON."""
    return hashlib.sha256(canonical(parameters).encode()).hexdigest()


def fingerprint(parameters: Mapping[str, Any], code_sha256: str) -> str:
    """What a checkpoint must agree with to be continued: parameters, code and the packages that compute."""
    computing = {k: v for k, v in software().items() if k in ("numpy", "numba", "torch", "zarr")}
    return sha256({"parameters": dict(parameters), "code": code_sha256, "software": computing})


def _took(resources: Any) -> dict[str, float | None]:
    """What the job asked for, the most memory that it and a child of it held (MiB), and CPU seconds."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    held = peak.own() + peak.children()
    return {"mem_mb": resources.get("mem_mb"), "peak_mb": round(held), "cpu_s": round(seconds, 2)}


def _slurm() -> dict[str, str]:
    names = ("SLURM_JOB_ID", "SLURM_JOB_PARTITION", "SLURMD_NODENAME", "CUDA_VISIBLE_DEVICES")
    return {name: os.environ[name] for name in names if name in os.environ}


def _require_own_library(scripts: Path) -> None:
    """An installed copy of another version would shadow the one beside the scripts, whose hash is on record."""
    if scripts.resolve() != LIBRARY.parent:
        raise ValueError(
            f"{LIBRARY}: this emergent_dynamics is not the one of the workflow in {scripts}; "
            "uninstall it (pip uninstall emergent-dynamics) or run the workflow it belongs to"
        )


def _damaged_input(snakemake: Any) -> str | None:
    for path in snakemake.input:
        if str(path).endswith(".zarr") and (damage := store.find_damage(path)):
            return damage
    return None


def _end(line: str, terminal: Any, log: Any, status: int) -> None:
    print(line, file=log)
    print(line, file=terminal, flush=True)
    raise SystemExit(status)
