"""On which device torch computes a diagnosis, and how the diagnosis records it."""

import torch

from emergent_dynamics import device, engines


def choose(wanted: str) -> engines.Choice:
    """The device for the key `device`: the CPU, unless a GPU is asked for, or welcome (`auto`), and there is one.

    One line on standard error says where a GPU was asked for and is not used.
    """
    if wanted == "auto":
        where = "cuda" if torch.cuda.is_available() else "cpu"
        return engines.Choice(where, where, f"device auto: {where}")
    chosen = engines.choose("auto", wanted, {"cuda": "", "cpu": ""}, torch.cuda.is_available)
    engines.tell(wanted, chosen.device, chosen.reason)
    return chosen


def recorded(chosen: engines.Choice) -> str:
    """The device with the name of its card: shards that different cards computed are not joined."""
    return device.used() if chosen.device == "cuda" and not device.missing() else chosen.device
