"""Diagnostics that were computed elsewhere: the npz files of the original study and of its author's later work.

Files are read without pickle. Faults that an analysis would otherwise not notice are rejected: missing keys, lengths
that disagree, values that are not finite, negative drifts, labels other than 0 and 1.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from emergent_dynamics.inputs.array import Unusable
from emergent_dynamics.inputs.files import members
from emergent_dynamics.reasoning import diagnostics

REQUIRED = ("drift_zH", "drift_zL", "lyap_spec", "exact_correct", "token_acc", "halted_at")
OPTIONAL = ("q_halt", "q_continue", "idx", "base_puzzle", "difficulty", "givens")
UNKNOWN_ALLOWED = {"difficulty", "givens", "q_halt", "q_continue"}  # NaN: value unknown
LARGEST = 1e100  # of any value, so that sums of squares stay finite
FEWEST_STEPS = 4  # late drift is a mean over the last four


class Rejected(ValueError):
    """Raised for a file that is refused; the message is one line with file, key, fault and what is allowed."""


def read(path: str | Path, keys: Mapping[str, str] | None = None) -> tuple[dict[str, np.ndarray], str]:
    """The known arrays of an npz file and its sha256. keys : {our name: its name in the file} where they differ.
    Raises Rejected, with its name, if the file or a named array is missing.
    """
    path, own = Path(path), dict(keys or {})
    if not path.is_file():
        raise Rejected(f"{path}: no such file")
    try:
        found = members(str(path))
        names = {name: own.get(name, name) for name in (*REQUIRED, *OPTIONAL)}
        arrays = {name: found[theirs].load() for name, theirs in names.items() if theirs in found}
    except Unusable as error:
        raise Rejected(f"{path}: not an npz file of plain arrays: it {error}") from None
    for name, theirs in own.items():
        if name not in arrays:
            raise Rejected(
                f"{path}: no array {theirs}, which keys names for {name}; it has {', '.join(found)}"
            )
    return arrays, hashlib.sha256(path.read_bytes()).hexdigest()


def check(
    arrays: Mapping[str, np.ndarray], name: str, nan: str = "reject"
) -> tuple[dict[str, np.ndarray], int]:
    """Return the arrays after all checks, and how many examples were dropped.

    nan : "reject", or "drop" to leave out the examples that hold a value that is not finite (they are counted).
    """
    if nan not in ("reject", "drop"):
        raise ValueError(f"nan = {nan!r}: must be reject or drop")
    checked = _shapes(arrays, name)
    finite = np.ones(len(checked["exact_correct"]), bool)
    for key, value in checked.items():
        good = np.abs(np.asarray(value, float)) <= LARGEST
        good |= np.isnan(value) if key in UNKNOWN_ALLOWED else False
        finite &= good.all(axis=tuple(range(1, good.ndim)))
    if nan == "reject" and not finite.all():
        raise Rejected(
            f"{name}: {np.count_nonzero(~finite)} examples are not finite or beyond {LARGEST:g}; nan: drop omits them"
        )
    kept = {key: value[finite] for key, value in checked.items()}
    if not len(kept["exact_correct"]):
        raise Rejected(f"{name}: no example is left")
    _ranges(kept, name)
    return kept, int(np.count_nonzero(~finite))


def table(
    path: str | Path, unit: str = diagnostics.UNKNOWN, nan: str = "reject", halted_zero: str = "keep"
) -> xr.Dataset:
    """The diagnostics of one npz file.

    unit : of the exponents, as its author declares it; files of different units are never compared.
    halted_zero : "keep", or "never" if the author wrote 0 for an example that never halted (becomes -1).
    """
    arrays, digest = read(path)
    name = Path(path).name
    kept, dropped = check(arrays, name, nan)
    about = {"source_file": name, "source_sha256": digest, "dropped": dropped}
    return dataset(kept, unit, halted_zero, about)


def dataset(
    arrays: Mapping[str, np.ndarray], unit: str, halted_zero: str, about: Mapping[str, object]
) -> xr.Dataset:
    """The diagnostics of checked arrays. about : additional attributes."""
    halted = np.asarray(arrays["halted_at"])
    renamed = {
        key: value for key, value in arrays.items() if key not in ("lyap_spec", "halted_at", "exact_correct")
    }
    renamed["lyap_raw"] = arrays["lyap_spec"]
    renamed["exact_correct"] = np.asarray(arrays["exact_correct"]).astype(bool)
    renamed["halted_at"] = np.where(halted == 0, -1, halted) if halted_zero == "never" else halted
    renamed.setdefault("idx", np.arange(len(halted)))
    attributes = {
        "unit": unit,
        "estimator": "as in the file",
        "idx_from_file": int("idx" in arrays),
        "halted_zero": halted_zero,
        **about,
    }
    return diagnostics.dataset(renamed, attributes)


def _shapes(arrays: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    for key in REQUIRED:
        if key not in arrays:
            raise Rejected(f"{name}: {key} is missing; required are {', '.join(REQUIRED)}")
    drift = arrays["drift_zH"]
    if drift.ndim != 2 or drift.shape[1] < FEWEST_STEPS:
        raise Rejected(
            f"{name}: drift_zH has shape {drift.shape}; must be (example, {FEWEST_STEPS} steps or more)"
        )
    n, steps = drift.shape
    if not n:
        raise Rejected(f"{name}: drift_zH has shape {drift.shape}; must have an example")
    spectrum = arrays["lyap_spec"]
    if spectrum.ndim != 2 or spectrum.shape[1] < 1:
        raise Rejected(f"{name}: lyap_spec has shape {spectrum.shape}; must be (example, exponent)")
    wide = {"drift_zH": (n, steps), "drift_zL": (n, steps), "lyap_spec": (n, spectrum.shape[1])}
    wide |= dict.fromkeys(("q_halt", "q_continue"), (n, steps))
    for key, value in arrays.items():
        wanted = wide.get(key, (n,))
        if value.shape != wanted:
            raise Rejected(f"{name}: {key} has shape {value.shape}; must be {wanted} like drift_zH")
        if value.dtype.kind not in "fiub":
            raise Rejected(f"{name}: {key} has dtype {value.dtype}; must be numbers")
    return dict(arrays)


def _ranges(arrays: Mapping[str, np.ndarray], name: str) -> None:
    for key in ("drift_zH", "drift_zL"):
        if (arrays[key] < 0).any():
            raise Rejected(f"{name}: {key} has negative values; a norm is at least 0")
    if not np.isin(arrays["exact_correct"], (0, 1)).all():
        raise Rejected(f"{name}: exact_correct holds values other than 0 and 1")
    if ((arrays["token_acc"] < 0) | (arrays["token_acc"] > 1)).any():
        raise Rejected(f"{name}: token_acc must lie in [0, 1]")
    whole = {"halted_at": (-1, arrays["drift_zH"].shape[1]), "idx": (0, 2**53), "base_puzzle": (-1, 2**53)}
    whole["givens"] = (0, 2**53)
    for key, (low, high) in whole.items():
        known = arrays[key][~np.isnan(arrays[key])] if key in arrays else np.empty(0)
        if not _whole_numbers(known, low, high):
            limits = f"from {low} to {high}" if high < 2**53 else f"of at least {low}"
            raise Rejected(f"{name}: {key} must hold whole numbers {limits}")
    if "idx" in arrays and len(np.unique(arrays["idx"])) < len(arrays["idx"]):
        raise Rejected(f"{name}: idx names an example twice; must be unique")


def _whole_numbers(values: np.ndarray, low: int, high: int) -> bool:
    return bool(((values >= low) & (values <= high) & (values == np.trunc(values))).all())
