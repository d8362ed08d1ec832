"""Names of the members of a sweep by the parameters that vary, and families of members that differ in beta only."""

import json
from collections.abc import Sequence
from typing import Any

import xarray as xr

from emergent_dynamics.runtime.provenance import parameters as parameters_of


def families(members: Sequence[xr.Dataset]) -> dict[str, list[xr.Dataset]]:
    """{name of the family: its members, which differ in beta only}; a name is "dimension=3", or "" for one family."""
    named = names(members, "beta")
    found: dict[str, list[xr.Dataset]] = {}
    for name, member in zip(named, members, strict=True):
        found.setdefault(name, []).append(member)
    return {name: sorted(found[name], key=lambda m: parameters_of(m)["beta"]) for name in sorted(found)}


def by_family(members: Sequence[xr.Dataset]) -> list[int]:
    """The places of the members family by family, each with increasing beta, as `families` has them."""
    found = names(members, "beta")
    return sorted(range(len(members)), key=lambda k: (found[k], parameters_of(members[k])["beta"]))


def names(members: Sequence[xr.Dataset], apart: str) -> list[str]:
    """A name for every member from its varied parameters except `apart`: "dimension=3,mask=none"; "" without any."""
    texts = [{key: _text(value) for key, value in parameters_of(m).items()} for m in members]
    varied = [key for key in sorted(texts[0]) if key != apart and len({text[key] for text in texts}) > 1]
    return [",".join(f"{key}={text[key]}" for key in varied) for text in texts]


def labels(members: Sequence[xr.Dataset]) -> list[str]:
    """What a legend calls every member: its varied parameters, "dimension = 3, β = 16"."""
    betas = [float(parameters_of(m)["beta"]) for m in members]
    found = [spaced(name) for name in names(members, "beta")]
    if len(set(betas)) == 1 and len(members) > 1:
        return found
    return [f"{name}{', ' if name else ''}β = {beta:g}" for name, beta in zip(found, betas, strict=True)]


def spaced(name: str) -> str:
    """The name of a family as text: "dimension = 3, mask = none"."""
    return name.replace("=", " = ").replace(",", ", ").replace("_", " ")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
