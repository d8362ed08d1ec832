"""What the front page says of the oscillator field."""

from collections.abc import Mapping
from typing import Any

from emergent_dynamics.front.declaration import Answer, Front, Headlines, badge, number

GAIN = "dynamics_gain_ridge_noise_"


def _size(parameters: Mapping[str, Any]) -> str:
    shape = " × ".join(str(parameters[key]) for key in ("height", "width", "channels"))
    return f"{shape} units see an image, {parameters['runs']} run{'s' * (parameters['runs'] > 1)}"


def _answer(headlines: Headlines) -> Answer:
    time, order = headlines.get("convergence_time"), headlines.get("local_order_end")
    settled = time is not None and time["value"] is not None
    when = f"It settles after {number(time)}" if settled else "It does not settle within this run"
    text = f"{when}; order within windows at the end is {number(order)}."
    gain = next((record for name, record in headlines.items() if name.startswith(GAIN)), None)
    if gain is None:
        return Answer(text, *badge(headlines.get("order_stationary")))
    text += (
        f" A classifier gains {number(gain, unit=False)} of accuracy over the best control without the field."
    )
    known = gain["ci"] is not None and gain["ci"][0] * gain["ci"][1] > 0
    return Answer(
        text,
        "a gain beyond its interval" if known else "no gain seen, little power",
        "good" if known else "open",
    )


def _limits(parameters: Mapping[str, Any], headlines: Headlines) -> list[str]:
    found = ["With an image there is no closed form for the state that the field reaches."]
    if any(name.startswith(GAIN) for name in headlines):
        found.append(
            f"The classifier saw {parameters['training']['splits']} splits: differences below its interval stay unseen."
        )
    return found


FRONT = Front(
    question="When does the field lock, and does it add anything to the image?",
    size=_size,
    answer=_answer,
    picture="phase",
    limits=_limits,
)
