"""Choose the engine (the code) and the device that compute an experiment; the store records both and the reason.

A system names what it has: "reference" (the readable model), "cpu" (Numba kernels) and "cuda" (kernels on a GPU).
"""

import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

FORMAT = 1  # raised when another engine or reason is chosen; dependent results are then computed again
REFERENCE, CPU, CUDA = "reference", "cpu", "cuda"


class Choice(NamedTuple):
    """The name of the engine, its device ("cpu" or "cuda"), and the reason for the choice; the store records all."""

    name: str
    device: str
    reason: str


def choose(
    engine: str, device: str, able: Mapping[str, str], has_cuda: Callable[[], bool] | None = None
) -> Choice:
    """The engine for the requested `engine` and `device`.

    able : {engine: "" if it can compute the experiment, else the reason why not}.
    has_cuda : whether there is a CUDA device; asked only where one may be used.

    A GPU is used only where `device: cuda` asks for one. Where there is no device, or its kernels cannot compute the
    experiment, the first able engine of the CPU takes its place, and the reason says so.
    Raises ValueError if the requested engine cannot compute the experiment, or if none can.

    >>> choose("auto", "auto", {"cpu": "", "reference": ""})
    Choice(name='cpu', device='cpu', reason='the fastest on a CPU')
    """
    if engine != "auto":
        if why := able[engine]:
            raise ValueError(f"engine: {engine} cannot compute this experiment: {why}")
        return Choice(engine, "cpu", "asked for")
    return _on_gpu(able, has_cuda) if device == "cuda" else _on_cpu(able)


def _on_gpu(able: Mapping[str, str], has_cuda: Callable[[], bool] | None) -> Choice:
    why = able.get(CUDA, "it has no CUDA kernels")
    if not why:
        if has_cuda is not None and has_cuda():
            return Choice(CUDA, "cuda", "asked for")
        why = "there is no CUDA device"
    fallback = _on_cpu(able)
    return fallback._replace(reason=f"a GPU was asked for, but {why}; {fallback.reason}")


def tell(asked: str, used: str, reason: str) -> None:
    """Print one line on standard error where `device: cuda` was asked for and the device used is another."""
    if asked == "cuda" and not used.startswith("cuda"):
        print(f"device: cuda is not used: {reason}", file=sys.stderr, flush=True)


def _on_cpu(able: Mapping[str, str]) -> Choice:
    reasons: list[str] = []
    for name in (CPU, REFERENCE):
        if name in able and not able[name]:
            return Choice(name, "cpu", "; ".join(reasons) or "the fastest on a CPU")
        if name in able:
            reasons.append(able[name])
    raise ValueError(f"no engine can compute this experiment: {'; '.join(reasons)}")
