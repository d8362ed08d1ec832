"""The memory that a job may have, and the refusal of a plan with a job that asks for more."""

import os
from collections.abc import Mapping
from pathlib import Path

import yaml

CONTROL_GROUP = Path("/sys/fs/cgroup/memory.max")


class TooLarge(Exception):
    """Raised for a plan with a job that cannot fit; the message is one line."""


def of_this_machine(control_group: Path = CONTROL_GROUP) -> float:
    """Memory of this machine, or the limit of its control group (version 2) if that is lower, MiB."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    granted = control_group.read_text().strip() if control_group.exists() else "max"
    return (physical if granted == "max" else min(physical, int(granted))) / 2**20


def of_largest_partition(config: Path) -> float | None:
    """The largest `max_mem_mb` of a file of Slurm partitions, MiB; None where a partition names no limit."""
    limits = [
        partition.get("max_mem_mb") for partition in yaml.safe_load(config.read_text())["partitions"].values()
    ]
    return None if None in limits else float(max(limits))


def refuse(asked: Mapping[str, float], limit: float | None, place: str) -> None:
    """Raise TooLarge if a job asks for more than `limit` MiB; the message names the job that asks for most.

    asked : {job: MiB of its first attempt}. limit : memory of `place`; None refuses nothing.
    """
    name = max(asked, key=lambda job: asked[job], default=None)
    if name is None or limit is None or asked[name] <= limit:
        return
    more = sum(memory > limit for memory in asked.values()) - 1
    others = f" (and {more} more)" if more else ""
    raise TooLarge(f"{name}{others} needs {asked[name]:,.0f} MiB of memory: {place} has {limit:,.0f}")
