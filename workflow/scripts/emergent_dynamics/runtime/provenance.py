"""The origin of a result: parameters, code and software as attributes and digests; equal inputs give equal text."""

import contextlib
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emergent_dynamics import __version__

PACKAGES = ("numpy", "numba", "scipy", "zarr", "xarray", "torch", "scikit-learn", "snakemake")
COMPUTING = ("numpy", "numba", "torch", "zarr")


def software() -> dict[str, str]:
    """Versions of Python and of the packages that numbers depend on, as far as they are installed."""
    versions = {"python": platform.python_version(), "emergent-dynamics": __version__}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions


def attributes(
    system: str, experiment: str, parameters: Mapping[str, Any], code_sha256: str
) -> dict[str, Any]:
    """The attributes that every trajectory carries; equal inputs give equal attributes."""
    return {
        "system": system,
        "experiment": experiment,
        "parameters": canonical(parameters),
        "parameters_sha256": sha256(parameters),
        "code_sha256": code_sha256,
        "seed": str(parameters["seed"]),  # as text, since JSON readers round integers beyond 2**53
        "software": json.dumps(software()),
    }


def parameters(dataset: Any) -> dict[str, Any]:
    """The parameters with which a store of this project was made."""
    return json.loads(dataset.attrs["parameters"])


def derived(source: Any, analysis: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """The attributes of a store computed from another: system, experiment, seed and all parameters of both."""
    joined = {**parameters(source), **analysis}
    kept = {name: source.attrs[name] for name in ("system", "experiment", "seed")}
    return {**kept, "parameters": canonical(joined), "software": json.dumps(software())}


def canonical(parameters: Mapping[str, Any]) -> str:
    """JSON with sorted keys: equal parameters, equal text."""
    return json.dumps(parameters, sort_keys=True, allow_nan=False)


def sha256(parameters: Mapping[str, Any]) -> str:
    """Digest of the canonical JSON."""
    return hashlib.sha256(canonical(parameters).encode()).hexdigest()


def computing(versions: Mapping[str, str]) -> dict[str, str]:
    """Of the versions that `software` returns, those of packages on which the bits of a result may depend."""
    return {name: version for name, version in versions.items() if name in COMPUTING}


def fingerprint(parameters: Mapping[str, Any], code_sha256: str) -> str:
    """A digest of parameters, code and computing packages; a checkpoint is continued only if it is equal."""
    return sha256({"parameters": dict(parameters), "code": code_sha256, "software": computing(software())})
