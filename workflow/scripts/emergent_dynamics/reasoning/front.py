"""What the front page says about recursive reasoning models."""

from collections.abc import Mapping
from typing import Any

from emergent_dynamics.front.declaration import Answer, Front, Headlines, number

# Experiments of the finding `validation`, on systems with known exponents
CHECKS = ("henon_*", "logistic_*", "lorenz_*", "linear_*", "network_g*", "capture_map_*", "derivative_*")


def _size(parameters: Mapping[str, Any]) -> str:
    what = {
        "capture_map": "a map with known exponents",
        "train": "a small trained network",
        "npz": "deposited arrays",
    }
    return f"{parameters['examples']} examples of {what.get(parameters['source'], 'a trained model')}"


def _answer(headlines: Headlines) -> Answer:
    exponent, gain = headlines.get("auc_neg_lambda1_correct"), headlines.get("auc_gain_over_drift")
    drift = headlines.get("auc_neg_log_drift_correct")
    if exponent is None and drift is not None and drift["value"] is not None:
        area = number(drift, unit=False)
        return Answer(
            f"No exponents were computed; late drift tells right answers with an area under the curve of {area}."
        )
    if exponent is None or exponent["value"] is None:
        return Answer("Every example ended alike: this run cannot tell right answers from wrong ones.")
    area = number(exponent, unit=False)
    text = f"The exponent tells right from wrong answers with an area under the curve of {area}."
    if gain is None or gain["ci"] is None:
        return Answer(text)
    adds = gain["ci"][0] > 0
    text += f" Beyond what late drift knows, it adds {number(gain, unit=False)} to the area."
    return Answer(text, "adds to drift" if adds else "adds nothing that is seen", "good" if adds else "open")


def _limits(parameters: Mapping[str, Any], headlines: Headlines) -> list[str]:
    if parameters["source"] == "train":
        return [
            "One training of a small fixture: nothing here is a claim about generalisation, or about other models."
        ]
    return []


FRONT = Front(
    question="Does the exponent know a wrong answer, beyond what drift knows?",
    size=_size,
    answer=_answer,
    picture="scatter",
    limits=_limits,
    checks=CHECKS,
)
