"""What surrounds every job: its log, errors of one line, the resources used, and checks of its library and inputs."""

import contextlib
import json
import os
import resource
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emergent_dynamics.runtime import allocator, garbage, peak, provenance
from emergent_dynamics import store
from emergent_dynamics.runtime.errors import TemporaryFailure

LIBRARY = Path(__file__).resolve().parents[1]
TEMPORARY_FAILURE = 75


@contextlib.contextmanager
def logged(snakemake: Any) -> Iterator[None]:
    """Write the rule's log; end the job with a message of one line after a mistake that a user can correct.

    Standard error is written to the log file. A mistake that a user can correct is reported in one line, and the job
    ends with the status of a failure. Any other exception is a bug and keeps its traceback.
    """
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    garbage.begin()
    allocator.begin()
    with log.open("w", buffering=1) as file:
        terminal, sys.stderr = sys.stderr, file
        try:
            _require_own_library(Path(snakemake.scriptdir))
            print(
                json.dumps({"rule": snakemake.rule, "software": provenance.software(), **_slurm()}), file=file
            )
            _require_own_inputs(snakemake.input)
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
            print(json.dumps(_resources_used(snakemake.resources)), file=file)
        finally:
            sys.stderr = terminal
            garbage.end()


def trajectory(system: str, snakemake: Any) -> dict[str, Any]:
    """The arguments of `driver.run` for a simulate rule, which has params `parameters`, `code` and `checkpoint`."""
    experiment, parameters = snakemake.wildcards.experiment, snakemake.params.parameters
    return {
        "folder": snakemake.params.checkpoint,
        "destination": snakemake.output.trajectory,
        "attributes": provenance.attributes(system, experiment, parameters, snakemake.params.code),
        "name": f"{system}/{experiment}",
    }


def _resources_used(resources: Any) -> dict[str, float | None]:
    """The memory that the job requested (MB), its peak memory plus its largest child's (MiB), and CPU seconds."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    held = peak.of_this_process() + peak.of_children()
    return {"mem_mb": resources.get("mem_mb"), "peak_mb": round(held), "cpu_s": round(seconds, 2)}


def _slurm() -> dict[str, str]:
    names = ("SLURM_JOB_ID", "SLURM_JOB_PARTITION", "SLURMD_NODENAME", "CUDA_VISIBLE_DEVICES")
    return {name: os.environ[name] for name in names if name in os.environ}


def _require_own_library(scripts: Path) -> None:
    """Raise ValueError if the imported library is not the one beside the scripts, whose hash is recorded."""
    if scripts.resolve() != LIBRARY.parent:
        raise ValueError(
            f"{LIBRARY}: this emergent_dynamics is not the one of the workflow in {scripts}; "
            "uninstall it (pip uninstall emergent-dynamics) or run the workflow it belongs to"
        )


def _require_own_inputs(paths: Any) -> None:
    """Raise ValueError for an input store that belongs to another experiment than the one its path names."""
    for path in paths:
        if str(path).endswith(".zarr") and (whose := store.misplaced(path)):
            raise ValueError(whose)


def _damaged_input(snakemake: Any) -> str | None:
    for path in snakemake.input:
        if str(path).endswith(".zarr") and (damage := store.find_damage(path)):
            return damage
    return None


def _end(line: str, terminal: Any, log: Any, status: int) -> None:
    print(line, file=log)
    print(line, file=terminal, flush=True)
    raise SystemExit(status)
