"""What the front page says of the oscillator field."""

from collections.abc import Mapping
from typing import Any

from emergent_dynamics.front.declaration import Answer, Front, Headlines, badge, number, percent

GAIN = "dynamics_gain_ridge_noise_"


def _size(parameters: Mapping[str, Any]) -> str:
    if parameters["source"] != "model":
        units = parameters["channels"] * parameters["height"] * parameters["width"]
        return f"your own {parameters['source']} of {units} units, from {parameters['recording']['path']}"
    sizes = [str(parameters[key]) for key in ("height", "width", "channels")]
    shape = sizes[1] if sizes[::2] == ["1", "1"] else " × ".join(sizes)
    runs = f"{parameters['runs']} run{'s' * (parameters['runs'] > 1)}"
    own = [text for text, path in _own(parameters).items() if path is not None]
    seen = " see an image" if parameters["bias"] else ""
    return f"{shape} units{seen}{' with your own ' * bool(own)}{' and '.join(own)}, {runs}"


def _own(parameters: Mapping[str, Any]) -> dict[str, str | None]:
    """{name of an input that a user may provide to a simulation: its file}."""
    return {"network": parameters["network"], "natural frequencies": parameters["natural"]["path"]}


def _answer(headlines: Headlines) -> Answer:
    if "chimera_share" in headlines:
        return _ring(headlines)
    if "order_end" in headlines and "projection_explained" not in headlines:
        return _recorded(headlines)
    time, order = headlines.get("convergence_time"), headlines.get("local_order_end")
    settled = time is not None and time["value"] is not None
    when = f"It settles after {number(time)}" if settled else "It does not settle within this run"
    where = "within windows "
    if "defect_conservation_violations" not in headlines:  # a network, in which windows mean nothing
        where, order = "", headlines.get("order_end")
    text = f"{when}; order {where}at the end is {number(order)}."
    stationary = headlines.get("order_stationary")
    if stationary is not None and stationary["value"] is not None:  # all to all, where theory has a number
        text = f"{when}; order in the second half is {number(stationary)}."
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


def _ring(headlines: Headlines) -> Answer:
    share, order = headlines["chimera_share"], headlines["chimera_order"]
    text = f"Chimeras are {percent(share)} of the runs: one part of the ring locks, the other drifts."
    if order["value"] is not None:
        text += f" Their order parameter is {number(order)}."
    return Answer(text, *badge(order))


def _recorded(headlines: Headlines) -> Answer:
    order, locking = (number(headlines.get(name)) for name in ("order_end", "phase_locking"))
    return Answer(
        f"At the end of the record the order parameter is {order}; over its second half the mean phase-locking value "
        f"of pairs is {locking}."
    )


def _limits(parameters: Mapping[str, Any], headlines: Headlines) -> list[str]:
    if parameters["source"] != "model":
        found = [
            "No theory applies to a recording: units may be in phase because they share an input or a reference."
        ]
        if parameters["source"] == "signals":
            low, high = parameters["recording"]["band"]
            found.append(
                f"Phases are those of the band from {low:g} to {high:g} cycles per time, and mean nothing outside."
            )
        return found
    image = "With an image there is no closed form for the state that the field reaches."
    found = [image if parameters["bias"] else "Order at the end of the run is order at one time."]
    if any(_own(parameters).values()):
        found.append("No values are expected for a network or natural frequencies from a file.")
    if parameters["noise"]:
        found.append("Under noise no values are expected for the energy or for the order at the end.")
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
