"""Choose the engine (the code) and the device that compute an experiment; the store records both and the reason.

A system names what it has: "reference" (the readable model), "cpu" (Numba kernels) and "torch" or "cuda" (a GPU).
"""

import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

REFERENCE, CPU = "reference", "cpu"


class Choice(NamedTuple):
    """The name of the engine, its device ("cpu" or "cuda"), and the reason for the choice; the store records all."""

    name: str
    device: str
    reason: str


def choose(
    engine: str, device: str, able: Mapping[str, str], has_cuda: Callable[[], bool] | None = None
) -> Choice:
    """The engine for the requested `engine` and `device`.

    able : {engine: "" if it can compute the experiment, else the reason why not}, in order of preference on its
    device. Names other than "reference" and "cpu" compute on a GPU, and on a CPU only where both keys ask for that.
    has_cuda : whether there is a CUDA device; asked only where a GPU engine may be used.

    `auto` takes a GPU only where `device: cuda` asks for one. Where a GPU engine is asked for and there is no device,
    or it cannot compute the experiment, the first able engine of the CPU takes its place, and one line says so.
    Raises ValueError where an engine is asked for that cannot compute the experiment, or none can.

    >>> choose("auto", "auto", {"cpu": "", "reference": ""})
    Choice(name='cpu', device='cpu', reason='the fastest on a CPU')
    """
    on_gpu = [name for name in able if name not in (REFERENCE, CPU)]
    if engine in on_gpu and device == "cpu" and not able[engine]:
        return Choice(engine, "cpu", "asked for")
    if engine in on_gpu or (engine == "auto" and device == "cuda"):
        return _on_gpu([engine] if engine in on_gpu else on_gpu, able, has_cuda)
    if engine != "auto":
        if why := able[engine]:
            raise ValueError(f"engine: {engine} cannot compute this experiment: {why}")
        return Choice(engine, "cpu", "asked for")
    return _on_cpu(able)


def _on_gpu(names: list[str], able: Mapping[str, str], has_cuda: Callable[[], bool] | None) -> Choice:
    why = "; ".join(f"{name}: {able[name]}" for name in names if able[name]) or "no GPU engine"
    for name in names:
        if not able[name]:
            if has_cuda is not None and has_cuda():
                return Choice(name, "cuda", "asked for")
            why = "there is no CUDA device"
    fallback = _on_cpu(able)
    reason = f"a GPU was asked for, but {why}; {fallback.reason}"
    print(f"engine: {fallback.name} on the CPU: {reason}", file=sys.stderr, flush=True)
    return fallback._replace(reason=reason)


def _on_cpu(able: Mapping[str, str]) -> Choice:
    reasons: list[str] = []
    for name in (CPU, REFERENCE):
        if name in able and not able[name]:
            return Choice(name, "cpu", "; ".join(reasons) or "the fastest on a CPU")
        if name in able:
            reasons.append(able[name])
    raise ValueError(f"no engine can compute this experiment: {'; '.join(reasons)}")
