"""Chimeras on a ring: one part of identical units locks while the others drift, compared with the published solution.

The local mean field of weights 1 + A cos(distance) is Z0 + A (Zc cos x + Zs sin x), Z0 = <z>, Zc = <z cos x>,
Zs = <z sin x>. A run is a chimera if over its second half the mean of |Z0| is above `DRIFTING` and no |Z0| above
`IN_PHASE`, and the mean of |(Zc, Zs)| is above `UNEVEN`. With all units in phase |Z0| is 1 and |(Zc, Zs)| 0; in a state
twisted once, 0 and 0.71. That the mean is below a limit is not enough: chimeras of few units collapse (Wolfrum &
Omel'chenko 2011, Phys Rev E 84:015201), and one that does so in the second half has a mean between its own and 1.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.oscillators import theory
from emergent_dynamics.statistics import bounded_mean_interval, mean_interval, proportion_interval
from emergent_dynamics.store import slices

DRIFTING, IN_PHASE, UNEVEN = 0.1, 0.95, 0.05
MOST_UNEVEN = np.sqrt(0.5)  # largest |(Zc, Zs)|, by Bessel's inequality: |Zc|^2 + |Zs|^2 <= <|z|^2> / 2


def places(units: int) -> np.ndarray:
    """(unit,) angles along the ring, from -pi on, in rad."""
    return 2 * np.pi * np.arange(units) / units - np.pi


def fields(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(Z0, Zc, Zs) of units (..., unit): means of z, z cos x and z sin x, complex."""
    x = places(z.shape[-1])
    return z.mean(-1), z @ np.cos(x) / x.size, z @ np.sin(x) / x.size


def centred(z: np.ndarray, modulation: float) -> np.ndarray:
    """z (..., unit), rotated so that Z0 > 0 and shifted along the ring so that its local mean field is largest at 0."""
    whole, cos, sin = fields(z)
    units = z.shape[-1]
    x = places(units)
    local = whole[..., None] + modulation * (cos[..., None] * np.cos(x) + sin[..., None] * np.sin(x))
    middle = np.abs(local).argmax(-1)[..., None]
    moved = np.take_along_axis(z, (np.arange(units) + middle - units // 2) % units, -1)
    return moved * np.exp(-1j * np.angle(whole))[..., None]


def find(trajectory: xr.Dataset, config: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Tables `ring` and `profile`.

    ring: run, step, time, uniform |Z0|, modulated |(Zc, Zs)|, rotation (of the phase of Z0 since the previous frame,
    rad per unit time). profile: run, place (rad from the middle of the coherent part), order (modulus of the mean of
    e^{i theta} over the second half, with each frame transformed by `centred`), phase (rad, in the last frame).
    """
    rows, seen, frames = [], 0, trajectory.sizes["time"]
    runs, units = trajectory.sizes["run"], trajectory.sizes["x"]
    total, last, before = np.zeros((runs, units), complex), np.zeros((runs, units), complex), None
    for chunk in slices(trajectory[["theta"]], "time"):
        z = np.exp(1j * chunk["theta"].values.reshape(runs, -1, units).astype(float))
        whole, cos, sin = fields(z)
        turned = np.angle(whole[:, 1:] * np.conj(whole[:, :-1]))
        first = np.full((runs, 1), np.nan) if before is None else np.angle(whole[:, :1] * np.conj(before))
        before = whole[:, -1:]
        rows.append((np.abs(whole), np.hypot(np.abs(cos), np.abs(sin)), np.hstack([first, turned])))
        late = z[:, max(0, frames // 2 - seen) :]
        seen += z.shape[1]
        if late.shape[1]:
            placed = centred(late, config["modulation"])
            total, last = total + placed.sum(1), placed[:, -1]
    columns = [np.concatenate(parts, 1) for parts in zip(*rows, strict=True)]
    profile = np.abs(total) / (frames - frames // 2), np.angle(last)
    return {"ring": _against_time(trajectory, columns), "profile": _along(*profile)}


def _against_time(trajectory: xr.Dataset, columns: list[np.ndarray]) -> pd.DataFrame:
    runs, frames = columns[0].shape
    time = trajectory["time"].values
    columns[2] = columns[2] / np.diff(time, prepend=np.nan)
    clock = {"run": np.repeat(np.arange(runs), frames), "step": np.tile(trajectory["step"].values, runs)}
    values = {
        name: column.ravel()
        for name, column in zip(("uniform", "modulated", "rotation"), columns, strict=True)
    }
    return pd.DataFrame(clock | {"time": np.tile(time, runs)} | values)


def _along(order: np.ndarray, phase: np.ndarray) -> pd.DataFrame:
    runs, units = order.shape
    place = {"run": np.repeat(np.arange(runs), units), "place": np.tile(places(units), runs)}
    return pd.DataFrame(place | {"order": order.ravel(), "phase": phase.ravel()})


def late_means(table: pd.DataFrame) -> pd.DataFrame:
    """Means of uniform, modulated and rotation per run over its second half, and `chimera`, whether it is one."""
    late = table[table["time"] >= table["time"].max() / 2].groupby("run")
    means = late[["uniform", "modulated", "rotation"]].mean()
    partly = (means["uniform"] >= DRIFTING) & (late["uniform"].max() <= IN_PHASE)
    return means.assign(chimera=partly & (means["modulated"] > UNEVEN))


def summarise(tables: Mapping[str, pd.DataFrame], config: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: the share of chimeras among the runs; their order, first Fourier mode and rotation."""
    means = late_means(tables["ring"])
    own = means[means["chimera"]]
    share = proportion_interval(len(own), len(means))
    of = "of the runs that are chimeras, second half"
    text = "Share of runs that are chimeras: one part of the ring locked, the other drifting"
    headlines = {"chimera_share": Headline.from_estimate(share, "share", text, rank=1)}
    expected = theory.expected_chimera(config)
    lacking = (
        "no run is a chimera" if own.empty else f"{len(own)} of {len(means)} runs, selected by their outcome"
    )
    for name, estimate, unit, sentence, rank in (
        ("chimera_order", bounded_mean_interval(own["uniform"].to_numpy()), "1", f"Order parameter {of}", 5),
        ("chimera_unevenness", bounded_mean_interval(own["modulated"].to_numpy(), 0.0, MOST_UNEVEN), "1",
         f"First Fourier mode along the ring {of}", None),
        ("chimera_rotation", mean_interval(own["rotation"].to_numpy()), "rad per unit time",
         f"Rate at which the mean phase turns, {of}", None),
    ):  # fmt: skip
        headlines[name] = Headline.from_estimate(
            estimate, unit, sentence, expectation=expected.get(name), rank=rank, note=lacking
        )
    return headlines
