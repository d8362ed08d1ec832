"""The members of a sweep: one per combination of values, named after the values: `beta=9,tokens=64`."""

import hashlib
import itertools
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from emergent_dynamics.config.errors import Fault

MOST_MEMBERS = 10_000


def members(sweep: Any, known: list[str]) -> Fault | dict[str, dict[str, int]]:
    """{member: {key: index of its value}}, or the first mistake, whose key is relative to `sweep`."""
    if not isinstance(sweep, Mapping):
        return Fault.value((), sweep, "a mapping of parameters to lists of values")
    for key, values in sweep.items():
        if key not in known:
            return Fault.unknown((key,), known)
        if not isinstance(values, list) or not values:
            return Fault.value((key,), values, "a list of at least 1 value")
        seen: set[str] = set()
        for i, text in enumerate(map(label, values)):
            if text in seen:
                return Fault.value((key, i), values[i], "different from the values before it")
            seen.add(text)
    count = math.prod(len(values) for values in sweep.values())
    if count > MOST_MEMBERS:
        return Fault((), f": makes {count} members; must make at most {MOST_MEMBERS}")
    order = sorted(sweep)
    places = itertools.product(*(range(len(sweep[key])) for key in order))
    chosen = [dict(zip(order, place, strict=True)) for place in places]
    return {
        ",".join(f"{key}={label(sweep[key][i])}" for key, i in choice.items()): choice for choice in chosen
    }


def label(value: Any) -> str:
    """A value as part of a member's name: a number or a short word as it is, else eight digits of its hash."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    if re.fullmatch(r"[\w.+-]{1,40}", text, re.ASCII):
        return text
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
