"""What the front page says of the branching network."""

from collections.abc import Mapping
from typing import Any

from emergent_dynamics.front.declaration import Answer, Front, Headlines, badge, number


def _size(parameters: Mapping[str, Any]) -> str:
    layers, neurons, ratios = parameters["layers"], parameters["neurons"], len(parameters["sigma"])
    return f"{layers} layers of {neurons} neurons, {ratios} branching ratios"


def _answer(headlines: Headlines) -> Answer:
    peak, tau = headlines.get("information_peak_sigma"), headlines.get("tau_sigma_1")
    if peak is None or peak["value"] is None:
        return Answer("This run has too few branching ratios to say where information peaks.", *badge(tau))
    where = "at the critical point" if abs(peak["value"] - 1) < 0.02 else "not at 1"
    text = f"Information about the input peaks at sigma = {number(peak)}, {where}."
    if tau is not None and tau["value"] is not None:
        text += f" At sigma = 1 avalanche sizes fall with the exponent {number(tau)}."
    return Answer(text, *badge(tau))


def _limits(parameters: Mapping[str, Any], headlines: Headlines) -> list[str]:
    return [
        f"{parameters['neurons']} neurons and {parameters['layers']} layers are few: exponents and peaks are those of "
        "this size, and move towards mean field as the network grows."
    ]


FRONT = Front(
    question="Does it transmit best when it is critical?",
    size=_size,
    answer=_answer,
    picture="activity",
    limits=_limits,
)
