"""What the front page says of the self-replicating neural cellular automata."""

from collections.abc import Mapping
from typing import Any

from emergent_dynamics.front.declaration import Answer, Front, Headlines, badge, number


def _size(parameters: Mapping[str, Any]) -> str:
    worlds = f"{parameters['runs']} world{'s' * (parameters['runs'] > 1)}"
    return f"{worlds} of {parameters['width']} × {parameters['height']} cells, {parameters['generations']} generations"


def _answer(headlines: Headlines) -> Answer:
    founders, left = headlines.get("founders"), headlines.get("surviving_founders")
    excess, trend = headlines.get("excess_activity"), headlines.get("excess_trend")
    parts = []
    if founders and left and left["value"] is not None and founders["value"] is not None:
        parts.append(
            f"Of {founders['value']:.0f} founders, {number(left, unit=False)} have living descendants at the end."
        )
    if excess and excess["value"] is not None:
        sign, by = "exceeds" if excess["value"] > 0 else "stays below", number(excess, unit=False)
        parts.append(f"Activity {sign} that of a well-mixed neutral shadow by {by}.")
        parts.append(f"The trend of the excess is {number(trend, unit=False)} per generation.")
    text = " ".join(parts) or "The worlds of this run say nothing about activity."
    return Answer(text, *badge(headlines.get("alive_share")))


def _limits(parameters: Mapping[str, Any], headlines: Headlines) -> list[str]:
    return [
        "The shadow is well mixed: it measures the lattice and the budget as well as selection, so an excess is no "
        "proof that nets are selected."
    ]


FRONT = Front(
    question="Do replicators go on inventing, beyond neutral drift?",
    size=_size,
    answer=_answer,
    picture="state",
    limits=_limits,
)
