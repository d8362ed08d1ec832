"""What the front page says of causal attention."""

from collections.abc import Mapping
from typing import Any

from emergent_dynamics.causal.presets import file_of
from emergent_dynamics.front.declaration import Answer, Front, Headlines, badge, number, percent

LETTERS = {"query": "Q", "key": "K", "value": "V"}


def _size(parameters: Mapping[str, Any]) -> str:
    if parameters["source"] == "states":
        shape = f"{parameters['tokens']} tokens of {parameters['dimension']} coordinates, {parameters['runs']} runs"
        return f"your own vectors, {shape}, from {parameters['states']['path']}"
    where = "circle" if parameters["dimension"] == 2 else f"sphere in {parameters['dimension']} dimensions"
    files = [name for name in LETTERS if file_of(parameters[name])]
    own = f", with your own {', '.join(LETTERS[name] for name in files)}" if files else ""
    own += f", {parameters['heads']} heads" * (parameters["heads"] > 1)
    own += f", {parameters['normalisation']} normalisation" * (parameters["normalisation"] != "post")
    own += f", noise {parameters['noise']:g}" * (parameters["noise"] > 0)
    return f"{parameters['tokens']} tokens on a {where}, beta = {parameters['beta']:g}, {parameters['runs']} runs{own}"


def _answer(headlines: Headlines) -> Answer:
    recall, precision = headlines.get("strong_c4_recall"), headlines.get("strong_c4_precision")
    if recall is None or precision is None or recall["value"] is None:
        groups = number(headlines.get("n_clusters_end"))
        return Answer(f"The tokens end in {groups}; how many leaders the start predicts is not known here.")
    followers = headlines.get("min_separation_p50")
    if followers is not None and followers["n"] == 0:
        return Answer(
            "Nothing can be predicted here: in no run does a token follow another at the end, so that each leads a "
            "group of its own. A wider gap joins tokens that are farther apart."
        )
    if recall["value"] > 0.8 and precision["value"] > 0.8:
        verdict = "Yes, mostly"
    else:
        verdict = "Only in part" if recall["value"] > 0.5 else "Hardly"
    text = (
        f"{verdict}: {percent(precision)} of the strong Rényi centres of the start for c = 4 become leaders, "
        f"and they name {percent(recall)} of the leaders."
    )
    return Answer(text, *badge(recall))


def _limits(parameters: Mapping[str, Any], headlines: Headlines) -> list[str]:
    if parameters["source"] == "states":
        return [
            "No values are expected for your own vectors. Groups, centres and capture are those at the lengths "
            f"that beta = {parameters['beta']:g} and the gap set, on the unit sphere: norms are left out."
        ]
    found = [
        "Groups go on merging for a time that grows like exp(sqrt(beta)): the count at the end is a count at one time."
    ]
    if any(file_of(parameters[name]) for name in LETTERS):
        found.append("No values that depend on Q, K and V are expected where these come from files.")
    if parameters["runs"] < 8:
        found.append(
            f"With {parameters['runs']} run{'s' * (parameters['runs'] > 1)} no value is compared with theory."
        )
    return found


FRONT = Front(
    question="Can the leaders be named before anything moves?",
    size=_size,
    answer=_answer,
    picture="film",
    limits=_limits,
)
