"""What the front page says about the self-replicating neural cellular automata."""

from collections.abc import Mapping
from typing import Any

from emergent_dynamics.front.declaration import Answer, Front, Headlines, badge, number


def _size(parameters: Mapping[str, Any]) -> str:
    worlds = f"{parameters['runs']} world{'s' * (parameters['runs'] > 1)}"
    if parameters["recording"]:
        worlds = "Your own world"
    return f"{worlds} of {parameters['width']} × {parameters['height']} cells, {parameters['generations']} generations"


def _answer(headlines: Headlines) -> Answer:
    founders, left = headlines.get("founders"), headlines.get("surviving_founders")
    excess, selection = headlines.get("excess_activity"), headlines.get("selection")
    parts = []
    if founders and left and left["value"] is not None and founders["value"] is not None:
        own = f"Of the {founders['value']:.0f} founders of a world"
        parts.append(f"{own}, {number(left, unit=False)} have descendants at the end.")
    if excess and excess["value"] is not None:
        parts.append(
            f"Mean activity minus that of a neutral shadow is {number(excess, unit=False)} generations."
        )
    if selection and selection["value"] is not None:
        seen = "Nets are selected: of activity, genomes, clades and survival at least one differs from the shadow's."
        unseen = "No selection is seen: activity, genomes, clades and survival are those of the shadow, up to chance."
        parts.append(seen if selection["value"] else unseen)
    alive = headlines.get("alive_share")
    if parts and alive and alive["value"] is not None:  # to which the badge belongs
        parts.append(f"The share of living cells is {number(alive, unit=False)}.")
    text = " ".join(parts) or "The worlds of this run say nothing about activity."
    return Answer(text, *badge(alive))


def _limits(parameters: Mapping[str, Any], headlines: Headlines) -> list[str]:
    if parameters.get("recording"):
        return [
            "No values are expected for your own arrays. Twins are simulated with the experiment's parameters."
        ]
    if parameters.get("shadow") == "well_mixed":
        return ["The shadow is well mixed: it measures the lattice and the budget as well as selection."]
    return ["A small advantage is not seen in few small worlds: no difference does not prove drift alone."]


FRONT = Front(
    question="Do replicators go on inventing, beyond neutral drift?",
    size=_size,
    answer=_answer,
    picture="state",
    limits=_limits,
)
