"""Choose the device on which torch computes a diagnosis, and name it as the diagnosis records it."""

import torch

from emergent_dynamics import device, engines


def choose(wanted: str) -> engines.Choice:
    """The device for a value of the key `device`: the CPU, unless the value is `cuda` or `auto` and there is a GPU.

    If the value is `cuda` and no GPU can be used, one line on standard error says so.
    """
    if wanted == "auto":
        where = "cuda" if torch.cuda.is_available() else "cpu"
        return engines.Choice(where, where, f"device auto: {where}")
    chosen = engines.choose("auto", wanted, {"cuda": "", "cpu": ""}, torch.cuda.is_available)
    engines.tell(wanted, chosen.device, chosen.reason)
    return chosen


def recorded(chosen: engines.Choice) -> str:
    """The device as the diagnosis records it, with the name of a GPU: shards of different GPUs are not joined."""
    return device.used() if chosen.device == "cuda" and not device.missing() else chosen.device
