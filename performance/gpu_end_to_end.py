"""Small experiments through the driver on a card: equal to the CPU's, the same bits when killed and resumed.

python performance/gpu_end_to_end.py      # two minutes; exit status 1 where one fails
"""

import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))
from emergent_dynamics import driver, store
from emergent_dynamics.config import load


def built(system: str, given: dict[str, Any]) -> Any:
    """The simulation of an experiment."""
    found = load({"experiments": {system: {"x": given}}}, ["card"]).simulation(system, "x")
    return import_module(f"emergent_dynamics.{system}.simulation").build(found)


def stored(system: str, given: dict[str, Any], folder: Path, legs: int | None = None) -> Any:
    """The published store and the seconds it took; legs: killed after so many, a checkpoint at each, begun again."""
    begun = time.perf_counter()
    simulation = built(system, given)
    if legs is not None:
        left = iter(range(legs))
        for name in ("advance", "record"):
            leg = getattr(simulation, name)
            setattr(simulation, name, lambda *a, leg=leg: (next(left), leg(*a))[1])
        try:
            driver.run(simulation, folder / "c", folder / "t.zarr", {}, commit_seconds=0)
            raise AssertionError(f"fewer than {legs + 1} legs")
        except StopIteration:
            simulation = built(system, given)
    driver.run(simulation, folder / "c", folder / "t.zarr", {})
    return folder / "t.zarr", time.perf_counter() - begun


def one_by_one(system: str, given: dict[str, Any], folder: Path) -> Any:
    """`stored`, with frames taken one by one instead of a block ahead of the next."""
    kind = type(built(system, given))
    together = kind.together
    kind.together = property(lambda simulation: 1)
    try:
        return stored(system, given, folder)
    finally:
        kind.together = together


def apart(found: Any, wanted: Any) -> dict[str, float]:
    """The largest difference of every variable of two stores, NaN equal to NaN."""
    gaps = {}
    for name in wanted.variables:
        a, b = found[name].values.astype(float), wanted[name].values.astype(float)
        if name == "theta":  # rad, on the circle
            a, b = np.angle(np.exp(1j * (a - b))), 0.0 * b
        gaps[name] = (
            float(np.nanmax(np.abs(a - b))) if a.shape == b.shape and a.size else float(a.shape != b.shape)
        )
    return gaps


def check(
    system: str, given: dict[str, Any], within: dict[str, float], groups: tuple[str | None, ...]
) -> None:
    """Print how far the card is from the CPU; AssertionError beyond `within` or where a resumed one differs."""
    with tempfile.TemporaryDirectory() as place:
        paths = {}
        for name, device, legs in (("cpu", "cpu", None), ("card", "cuda", None), ("again", "cuda", 4)):
            paths[name], took = stored(system, given | {"device": device}, Path(place) / name, legs)
            print(f"{system} {name}: {took:.2f} s", flush=True)
        paths["alone"], took = one_by_one(system, given | {"device": "cuda"}, Path(place) / "alone")
        print(f"{system} frames one by one: {took:.2f} s", flush=True)
        for group in groups:
            cpu, card, again, alone = (
                store.open_complete(paths[name], group=group) for name in ("cpu", "card", "again", "alone")
            )
            if group is None:
                print({key: card.attrs[key] for key in ("engine", "device", "engine_reason")})
                assert card.attrs["engine"] == "cuda"
            gaps = apart(card, cpu)
            print(group or "", {name: gap for name, gap in gaps.items() if gap}, flush=True)
            for name, gap in gaps.items():
                assert gap <= within.get(name, 0.0), f"{name}: {gap} from the CPU"
            for name in card.variables:
                assert np.array_equal(card[name].values, again[name].values, equal_nan=True), (
                    f"{name} when resumed"
                )
                assert np.array_equal(card[name].values, alone[name].values, equal_nan=True), (
                    f"{name} when frames are taken one by one"
                )


def frames() -> None:
    """100 images, each of 512 steps saved (0.5 GB): frames a block ahead and one by one have the same bits."""
    given = {"height": 28, "width": 28, "channels": 4, "runs": 100, "steps": 512, "save": {"every": 1}}
    given |= {"evolve_input": True, "device": "cuda"}
    for turn in range(2):  # the first also compiles
        with tempfile.TemporaryDirectory() as place:
            ahead, first = stored("oscillators", given, Path(place) / "ahead")
            alone, second = one_by_one("oscillators", given, Path(place) / "alone")
            print(f"turn {turn}: a block ahead {first:.2f} s, one by one {second:.2f} s", flush=True)
            ours, theirs = (store.open_complete(path) for path in (ahead, alone))
            for name in ours.variables:
                assert ours[name].attrs["content_sha256"] == theirs[name].attrs["content_sha256"], name


def networks() -> None:
    """64 puzzles of 4 x 4 by the fused path: the first ACT step within 1e-3 of the CPU's, and again the same bits."""
    from emergent_dynamics.reasoning import diagnose, model
    from emergent_dynamics.reasoning.parameters import Diagnosis, Network
    from emergent_dynamics.reasoning.tasks import Examples

    p = Network("trm", 5, 4, 16, 16, 1, "mlp", 4, 2.0, 1, 2, 2, 4, 1)
    grids = np.random.default_rng(0).integers(0, 5, (64, 16))
    examples = Examples(**{n: np.arange(64) if n == "idx" else grids for n in Examples.__dataclass_fields__})
    found = []
    for where in ("cpu", "cuda", "cuda"):
        weights = {name: value.to(where) for name, value in model.initial_weights(p).items()}
        found.append(diagnose.diagnose(weights, p, examples, Diagnosis(3, ("qr",), 0, "auto"), 1)["logR"])
    print("reasoning", diagnose.unfused(p, 3) or "fused", np.abs(found[0] - found[1]).max(axis=(0, 2)))
    assert np.abs(found[0] - found[1])[:, 0].max() < 1e-3
    assert np.array_equal(found[1], found[2])


FIELD = {
    "theta": 2e-4,
    "spike": 1.0,
    "energy": 0.05,
    "order": 5e-6,
    "channel_order": 5e-6,
    "speed": 1e-3,
    "input_phase_end": 1e-5,
}
CASES: dict[str, Callable[[], None]] = {
    "oscillators": lambda: check(
        "oscillators",
        {
            "height": 28,
            "width": 28,
            "channels": 4,
            "runs": 20,
            "steps": 64,
            "save": {"every": 8},
            "evolve_input": True,
        },
        FIELD,
        (None,),
    ),
    "oscillators, streaming": lambda: check(
        "oscillators",
        {"height": 100, "width": 70, "channels": 4, "runs": 2, "steps": 64, "save": {"every": 16}},
        FIELD,
        (None,),
    ),
    "oscillators, rk4, all to all": lambda: check(
        "oscillators",
        {
            "height": 31,
            "width": 29,
            "channels": 3,
            "runs": 2,
            "steps": 24,
            "save": {"every": 2},
            "integrator": "rk4",
            "topology": "all_to_all",
            "normalise": "mean",
            "evolve_input": True,
        },
        FIELD | {"energy": 1e-6 * 0.12 * (31 * 29 * 3) ** 2 / 2},  # of a pair's coupling, for every pair
        (None,),
    ),
    "frames": frames,
    "causal": lambda: check(
        "causal",
        {"tokens": 256, "dimension": 3, "runs": 16, "steps": 100, "save": {"every": 20}},
        {"x": 1e-11},
        (None,),
    ),
    "causal, flow": lambda: check(
        "causal",
        {
            "tokens": 256,
            "dimension": 3,
            "runs": 16,
            "integrator": "ode",
            "end_time": 20,
            "save": {"every": 2},
        },
        {"x": 1e-9},
        (None,),
    ),
    "causal, d = 16": lambda: check(
        "causal",
        {"tokens": 300, "dimension": 16, "runs": 2, "steps": 40, "save": {"every": 10}},
        {"x": 1e-11},
        (None,),
    ),
    "nca": lambda: check(
        "nca",
        {"width": 64, "height": 48, "runs": 2, "generations": 60, "inheritance": 0.5},
        {"alpha": 0.11, "value": 1e-5, "layers": 1e-4},
        (None, "genome"),
    ),
    "reasoning": networks,
}


def main() -> None:
    """Run all, or those named on the command line."""
    failed = []
    for name in sys.argv[1:] or CASES:
        begun = time.perf_counter()
        try:
            CASES[name]()
            print(f"{name}: passed, {time.perf_counter() - begun:.1f} s", flush=True)
        except Exception:
            traceback.print_exc()
            failed.append(name)
    print("failed:" if failed else "all passed", *failed)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
