"""What no single key of a branching experiment can forbid."""

from collections.abc import Iterator, Mapping
from typing import Any

STEPS_UNIT = 1000  # the raster is stored in blocks that divide it


def check(experiment: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    """(key, value, what is allowed) for every combination that cannot be simulated."""
    neurons, sigma = experiment["neurons"], experiment["sigma"]
    widths = neurons if isinstance(neurons, list | tuple) else [neurons]
    if len(widths) not in (1, experiment["layers"]):
        yield "neurons", neurons, f"must be one number, or {experiment['layers']} of them, one per layer"
    yield from _spontaneous("spontaneous", experiment["spontaneous"], sigma)
    film = experiment["film"]
    yield from _spontaneous("film.spontaneous", film["spontaneous"], film["sigma"])
    if experiment["steps"] < 4 * experiment["layers"]:
        yield "steps", experiment["steps"], "must be at least 4 times `layers`"
    for key, values in (("sigma", sigma), ("film.sigma", film["sigma"])):
        if experiment["rule"] == "noisy_or" and max(values) > min(widths):
            yield (
                key,
                max(values),
                "must be at most `neurons` with rule noisy_or (sigma / N is a probability)",
            )
    inputs = experiment["inputs"]
    if inputs is not None and not inputs[0] < inputs[1] <= widths[0]:
        yield (
            "inputs",
            inputs,
            "must be two numbers, the first smaller, the second at most `neurons` (of the first layer)",
        )
    train = experiment["train"]
    if train["interval"] and train["neurons"] > widths[0]:
        yield "train.neurons", train["neurons"], "must be at most `neurons` (of the first layer)"
    yield from _windows(experiment["windows"], experiment["layers"])
    if experiment["raster"]["bin"] > experiment["steps"] // 4:
        yield "raster.bin", experiment["raster"]["bin"], "must be at most a quarter of `steps`"
    graph = experiment["graph"]
    if graph["weights"] == "equal" and max(graph["sigma"]) > graph["degree"]:
        yield (
            "graph.sigma",
            max(graph["sigma"]),
            "must be at most `graph.degree` (sigma / degree is a probability)",
        )


def _windows(windows: Mapping[str, Any], layers: int) -> Iterator[tuple[str, object, str]]:
    for name, window in windows.items():
        if window is None:
            continue
        if not window[0] < window[1]:
            yield f"windows.{name}", window, "must be two numbers, the first smaller"
        elif name != "tau" and window[1] >= layers:
            yield (
                f"windows.{name}",
                window,
                f"must end below {layers}: longer avalanches reach the last layer",
            )


def _spontaneous(key: str, value: Any, sigma: Any) -> Iterator[tuple[str, object, str]]:
    if isinstance(value, list | tuple) and len(value) != len(sigma):
        yield key, value, f"must be one number, or {len(sigma)} of them, one per sigma"
