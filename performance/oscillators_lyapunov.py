"""Compare Lyapunov exponents by the exact tangent with oscillatools 0.1.0 on the same input: CPU time on one core.

    pip install --no-deps --target FOLDER oscillatools==0.1.0
    OMP_NUM_THREADS=1 PYTHONPATH=FOLDER python performance/oscillators_lyapunov.py

Both integrate all-to-all units with Gaussian frequencies by RK4, with a QR factorisation every 10 steps; oscillatools
takes the coupling as a matrix and uses its NumPy path. Both start from the same phases but from different disturbances,
so that their exponents differ by what remains of these at the end.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from emergent_dynamics.config import schema
from emergent_dynamics.oscillators import draws, model, parameters, tangent

STEP, EVERY = 0.05, 10


def own(units: int, vectors: int, steps: int) -> tuple[np.ndarray, float]:
    """Return this project's exponents over the second half of `steps`, and the CPU seconds."""
    config = schema.resolve(
        schema.read_schemas()[1]["oscillators"],
        {"topology": "all_to_all", "normalise": "mean", "channels": 1, "height": 1, "width": units, "coupling": 1.4,
         "bias": 0, "frequency": 0, "evolve_input": False, "natural": {"distribution": "gaussian"},
         "integrator": "rk4", "step_size": STEP, "input": {"source": "uniform"}},
    )  # fmt: skip
    p = parameters.from_config(config)
    field = model.initial(draws.draw_phases(1, 1, p.shape), np.zeros((1, *p.shape)))
    start = np.eye(vectors, units).reshape(vectors, 1, 1, *p.shape)
    before = time.process_time()
    exponents = tangent.exponents(field, p, start, steps, EVERY)[0].mean(0)
    return exponents, time.process_time() - before


def peer(units: int, vectors: int, steps: int) -> tuple[np.ndarray, float]:
    """Return the exponents and the CPU seconds of oscillatools."""
    from oscillatools.accel.kuramoto_lyapunov import lyapunov_spectrum

    phases = draws.draw_phases(1, 1, (1, 1, units)).ravel()
    rates = draws.draw_natural(1, 1, (1, 1, units), "gaussian", 1.0).ravel()
    before = time.process_time()
    exponents = lyapunov_spectrum(
        phases, rates, np.full((units, units), 1.4 / units), STEP, steps,
        num_exponents=vectors, reorth_interval=EVERY, transient_steps=steps // 2,
    )  # fmt: skip
    return exponents, time.process_time() - before


def main() -> None:
    """Print a row per number of units: seconds of both, their ratio, and the largest difference of exponents."""
    print("units, exponents, steps | own s | oscillatools s | ratio | largest difference, nat per unit time")
    for units, vectors, steps in ((20, 20, 2000), (100, 10, 2000), (400, 10, 100)):
        ours, seconds = own(units, vectors, steps)
        theirs, taken = peer(units, vectors, steps)
        apart = np.abs(np.sort(ours)[::-1] - theirs).max()
        print(
            f"{units}, {vectors}, {steps} | {seconds:.2f} | {taken:.2f} | {taken / seconds:.1f} | {apart:.1e}"
        )


if __name__ == "__main__":
    main()
