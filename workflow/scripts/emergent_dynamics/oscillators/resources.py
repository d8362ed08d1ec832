"""Memory and time that a job of this system needs, from the size of its experiment; imports nothing heavy."""

from collections.abc import Mapping
from typing import Any

LIBRARIES = 240  # MB of NumPy, SciPy, Numba, pandas, scikit-learn, xarray, Zarr, and matplotlib for figures
TORCH = 300  # MB of torch
FITTING = 30  # MB that a training with torch and scikit-learn takes in addition, whatever its size; 12 were measured
IMAGES = 64  # simulated at once
GRADIENT = 40  # MB in addition where torch follows gradients through the field
CARD = 450  # MB of the device's context on the host and two pinned blocks of frames; 360 were measured
BLOCKS = 240  # MB of a block of 16 MB of phase codes that an analysis decodes to complex numbers
PER_UNIT = 150  # bytes per unit: the drawn phases, z, c and a second z
UNITS_PER_SECOND = 1e8  # units times steps per second of the kernel on one core, cautiously
SLOWER = 100  # factor of the reference, which computes Heun and RK4 on a CPU
ON_KERNELS = ("lattice", "all_to_all")  # topologies that kernels compute
MOST_CHANNELS = 16  # largest number of channels of the kernels on a GPU
WORTH = 4e10  # units times steps from which on a GPU is requested: a minute of one core; a job starts in 8 s
START = 10  # minutes that a job may take before it computes


def units(experiment: Mapping[str, Any]) -> int:
    """Number of oscillators of all runs."""
    return experiment["runs"] * experiment["channels"] * experiment["height"] * experiment["width"]


def mem_mb(experiment: Mapping[str, Any]) -> int:
    """Memory in MB for any job except training; frames are processed in blocks of at least one frame."""
    needed = LIBRARIES + BLOCKS + (PER_UNIT + 60) * units(experiment) / 1e6 + _network(experiment)
    if experiment["source"] != "model":
        return round(needed + _brought(experiment) / 1e6)
    return round(needed + _images(experiment) / 1e6 + CARD * (experiment["device"] == "cuda"))


def _images(experiment: Mapping[str, Any]) -> int:
    """Bytes for the images of an IDX file, of which one is shown: the file, and those with one label."""
    from emergent_dynamics.inputs.content import exists
    from emergent_dynamics.oscillators.pictures import idx_bytes

    own = experiment["input"]
    if own["source"] != "idx" or not exists(own["path"] or ""):
        return 0
    return 2 * idx_bytes(own["path"])


def lyapunov_mb(experiment: Mapping[str, Any]) -> int:
    """Memory in MB for Lyapunov exponents: eight complex copies of all disturbances."""
    vectors = experiment["lyapunov"]["exponents"] * (2 if experiment["evolve_input"] else 1)
    return mem_mb(experiment) + round(8 * 16 * vectors * units(experiment) / 1e6)


def lyapunov_minutes(experiment: Mapping[str, Any]) -> int:
    """Minutes for Lyapunov exponents: a step of the reference for the field and for each disturbance."""
    own = experiment["lyapunov"]
    steps = (1 + own["exponents"]) * own["end_time"] / experiment["step_size"]
    return round(START + SLOWER * units(experiment) * steps / UNITS_PER_SECOND / 60)


def _brought(experiment: Mapping[str, Any]) -> int:
    """Bytes for a user's recording: the file if it cannot be read in parts; of signals record, transform, phases."""
    from emergent_dynamics.inputs.conditions import memory, shape_of

    path, values = experiment["recording"]["path"], 1
    for n in shape_of(path):
        values *= n
    return memory(path) + (64 * values if experiment["source"] == "signals" else 0)


def runtime(experiment: Mapping[str, Any]) -> int:
    """Time limit of the simulation in minutes; saving a frame costs as much as about 20 steps."""
    if experiment["source"] != "model":
        return START
    reference = experiment["engine"] == "reference" or not has_kernels(experiment)
    steps = experiment["steps"] * (1 + 20 / experiment["save"]["every"])
    return round(START + units(experiment) * steps * (SLOWER if reference else 1) / UNITS_PER_SECOND / 60)


def training_mb(experiment: Mapping[str, Any]) -> int:
    """Memory in MB for training: the features of all images and turned copies, five copies of as many bytes, which are
    float32 features or float64 images, and a batch.
    """
    own = experiment["training"]["test"]
    images = experiment["training"]["images"] + (0 if own["path"] is None else own["images"])
    features = 2 * 8 * experiment["height"] * experiment["width"] * images / 1e6
    batch = IMAGES * experiment["channels"] * experiment["height"] * experiment["width"] * 100 / 1e6
    own = experiment["training"]["trained"]
    kept = (
        40 * experiment["training"]["batch"] * own["steps"] * own["enabled"]
    )  # bytes per unit, for the gradient
    kept *= experiment["channels"] * experiment["height"] * experiment["width"] / 1e6
    return round(LIBRARIES + TORCH + FITTING + GRADIENT * own["enabled"] + 6 * features + batch + kept)


def training_minutes(experiment: Mapping[str, Any]) -> int:
    """Time limit of training in minutes: simulating the images, and a minute per 1000 images, noise and split."""
    training = experiment["training"]
    field = experiment["channels"] * experiment["height"] * experiment["width"]
    copies = 2 + (training["epochs"] * training["splits"] if training["anew"] else 0)
    simulated = (
        copies
        * training["images"]
        * len(training["noise"])
        * field
        * experiment["steps"]
        / UNITS_PER_SECOND
        / 60
    )
    return round(START + simulated + training["images"] / 1000 * len(training["noise"]) * training["splits"])


def gpus(experiment: Mapping[str, Any]) -> int:
    """Number of GPUs to request: 1 if a GPU can compute it and one core would take more than about a minute, else 0."""
    if experiment["source"] != "model":
        return 0
    kernel = experiment["noise"] == 0 and experiment["topology"] in ON_KERNELS and not experiment["lag"]
    asked = experiment["device"] == "cuda" and kernel and experiment["channels"] <= MOST_CHANNELS
    slower = 1 if has_kernels(experiment) else SLOWER
    return int(asked and slower * units(experiment) * experiment["steps"] >= WORTH)


def has_kernels(experiment: Mapping[str, Any]) -> bool:
    """Whether an engine other than the reference can compute it: Euler's step without noise, network and ring."""
    euler = experiment["integrator"] == "euler" and experiment["noise"] == 0
    return euler and experiment["topology"] in ON_KERNELS


def trains(experiment: Mapping[str, Any]) -> bool:
    """Whether the experiment classifies images."""
    return bool(experiment["training"]["enabled"]) and experiment["source"] == "model"


def is_lattice(experiment: Mapping[str, Any]) -> bool:
    """Whether there are squares of four pixels, around which phases can wind."""
    return experiment["height"] > 1 and experiment["width"] > 1


def findings(experiment: Mapping[str, Any]) -> list[str]:
    """Names of the findings that have a summary for this experiment."""
    network, ring = (experiment["topology"] == kind for kind in ("network", "ring"))
    if experiment["source"] != "model":
        squares = ["defects"] if is_lattice(experiment) else []
        return ["order", "locking", *squares, *(["energy"] if network else [])]
    always = ["order", "energy", *([] if network or ring else ["defects"]), "spikes", "locking", "projection"]
    return [
        *always,
        *(["ring"] if ring else []),
        *(["lyapunov"] if experiment["lyapunov"]["enabled"] else []),
        *(["training"] if trains(experiment) else []),
    ]


def _network(experiment: Mapping[str, Any]) -> float:
    """Memory in MB for a network: the file, its values, the float64 matrix, and the edges."""
    from emergent_dynamics.inputs.content import located

    path = experiment["network"]
    return 8 * located(path)[0].stat().st_size / 1e6 if path else 0.0
