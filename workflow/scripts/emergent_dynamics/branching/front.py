"""What the front page says about the branching network."""

from collections.abc import Mapping
from typing import Any

from emergent_dynamics.branching.theory import IMPLAUSIBLE
from emergent_dynamics.front.declaration import Answer, Front, Headlines, badge, number


def _size(parameters: Mapping[str, Any]) -> str:
    if parameters["source"] != "model":
        return f"your own recording ({parameters['source']}), from {parameters['recording']['path']}"
    layers, ratios = parameters["layers"], len(parameters["sigma"])
    return f"{layers} layers of {_width(parameters)}, {ratios} branching ratio{'s' * (ratios > 1)}"


def _width(parameters: Mapping[str, Any]) -> str:
    """The neurons of a layer, or of the narrowest and the widest one."""
    neurons = parameters["neurons"]
    narrow, wide = (min(neurons), max(neurons)) if isinstance(neurons, list) else (neurons, neurons)
    return f"{narrow} to {wide} neurons" if narrow < wide else f"{wide} neurons"


def _answer(headlines: Headlines) -> Answer:
    if "recorded_tau" in headlines:
        return _recorded(headlines)
    peak, tau = headlines.get("information_peak_sigma"), headlines.get("tau_sigma_1")
    if peak is None or peak["value"] is None:
        return Answer("This run has too few branching ratios to say where information peaks.", *badge(tau))
    where = "at the critical point" if abs(peak["value"] - 1) < 0.02 else "not at 1"
    text = f"Information about the input peaks at sigma = {number(peak)}, {where}."
    if tau is not None and tau["value"] is not None:
        text += f" At sigma = 1 avalanche sizes fall with the exponent {number(tau)}."
    return Answer(text, *badge(tau))


def _recorded(headlines: Headlines) -> Answer:
    tau, ratio, distance = (headlines.get(f"recorded_{name}") for name in ("tau", "mr", "dcc"))
    known = tau is not None and tau["value"] is not None
    text = (
        f"Sizes of avalanches fall with the exponent {number(tau)}"
        if known
        else "There are no avalanches to fit"
    )
    plausible = headlines.get("recorded_tau_p")
    if plausible is not None and plausible["value"] is not None and plausible["value"] < IMPLAUSIBLE:
        text += f", but a power law is ruled out: p = {number(plausible, unit=False)}"
    text += "."
    if distance is not None and distance["value"] is not None:
        text += f" The three exponents miss the scaling relation by {number(distance)}."
    if ratio is not None and ratio["value"] is not None:
        text += f" From one bin to the next ({ratio['note']}) each event is followed by {number(ratio)} on average."
    told = headlines.get("recorded_information")
    if told is not None and told["value"] is not None:
        text += f" The number of events after a stimulus tells {number(told)} about which one it was."
    return Answer(text)


def _limits(parameters: Mapping[str, Any], headlines: Headlines) -> list[str]:
    if parameters["source"] != "model":
        return [
            "No values are expected for a recording. Exponents depend on the width of the bin, and intervals take the "
            "window of the fit as given.",
            "A power law alone does not make a system critical: look at the shuffled record and at other laws too.",
        ]
    return [
        f"{parameters['layers']} layers of {_width(parameters)} are few: exponents and peaks are those of this size, "
        "and move towards mean field as the network grows."
    ]


FRONT = Front(
    question="Does it transmit best when it is critical?",
    size=_size,
    answer=_answer,
    picture="activity",
    limits=_limits,
    checks=("mean_field_*", "mr_process_*"),  # trees and a driven process with known numbers
)
