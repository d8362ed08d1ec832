"""What the front page says about a system: its question, size, answer and limits, declared by the system."""

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emergent_dynamics.findings.digits import write

Record = Mapping[str, Any]  # a headline, as in summary.json
Headlines = Mapping[str, Record]


@dataclass(frozen=True)
class Answer:
    """A sentence made from the run's numbers, a badge, and the tone of the badge ("good", "open" or "bad")."""

    text: str
    badge: str = ""
    tone: str = "open"


@dataclass(frozen=True)
class Front:
    """What a system declares for the front page.

    question : one sentence. size : makes a text about the size of an experiment from its parameters. answer : makes the
    answer from an experiment's headlines. picture : stem of the file of the figure that represents the system. limits :
    makes sentences about what the run cannot show, from parameters and headlines. checks : patterns of the names of
    headlines that check an estimator and say nothing of the system; they are listed after all others.
    """

    question: str
    size: Callable[[Mapping[str, Any]], str]
    answer: Callable[[Headlines], Answer]
    picture: str
    limits: Callable[[Mapping[str, Any], Headlines], Sequence[str]] = lambda parameters, headlines: ()
    checks: Sequence[str] = ()


def front_of(system: str, title: str) -> Front:
    """The system's declaration; without one, the first line of its docstring and its first headline are used."""
    name = f"emergent_dynamics.{system}.front"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not name.startswith(str(error.name)):
            raise
        question = _docstring(system).partition("\n")[0] or f"What comes out of {title}?"
        return Front(question, lambda parameters: "", first_headline, "")
    front: Front = module.FRONT
    return front


def literature_of(system: str) -> str:
    """The papers that the docstring of the system's package names below its first line."""
    return " ".join(_docstring(system).partition("\n")[2].split())


def _docstring(system: str) -> str:
    """The docstring of the system's package; "" if it has none."""
    if importlib.util.find_spec(f"emergent_dynamics.{system}") is None:
        return ""
    return importlib.import_module(f"emergent_dynamics.{system}").__doc__ or ""


def first_headline(headlines: Headlines) -> Answer:
    """The headline of the lowest rank as a sentence."""
    ranked = sorted((h for h in headlines.values() if h["rank"]), key=lambda h: h["rank"])
    if not ranked:
        return Answer("This run has no headline with a rank.")
    return Answer(f"{ranked[0]['sentence']}: {number(ranked[0])}.", *badge(ranked[0]))


def number(record: Record | None, unit: bool = True) -> str:
    """A headline's value with its interval, and its unit if wanted, as text; "not known" where it is undefined."""
    if record is None or record["value"] is None:
        return "not known"
    texts = write(record["value"], record["ci"])
    named = f" {record['unit']}" if unit and record["unit"] not in ("1", "share", "probability") else ""
    return f"{texts[0]}{named} [{texts[1]}, {texts[2]}]" if record["ci"] else f"{texts[0]}{named}"


def percent(record: Record | None) -> str:
    """A share as whole per cent with its interval; with decimals where whole numbers would show no width."""
    if record is None or record["value"] is None:
        return "not known"
    shares = [100 * share for share in (record["value"], *(record["ci"] or ()))]
    texts = [f"{share:.0f}" for share in shares]
    if record["ci"] and texts[1] == texts[2]:
        texts = write(shares[0], shares[1:])
    return f"{texts[0]} % [{texts[1]}, {texts[2]}]" if record["ci"] else f"{texts[0]} %"


def badge(record: Record | None) -> tuple[str, str]:
    """The text and tone of the badge that states the expected value of a headline and the verdict."""
    if record is None or not record["expectation"]:
        return "", "open"
    expected, verdict = record["expectation"], record["verdict"]
    text = write(record["value"], record["ci"], [expected["value"]])[-1]
    relation = {"=": "", "<=": "≤ ", ">=": "≥ "}[expected["relation"]]
    tone = {"agrees": "good", "disagrees": "bad"}.get(verdict["outcome"], "open")
    word = {"good": "agrees", "bad": "disagrees"}.get(tone, "weak" if verdict["weak"] else "no verdict")
    return f"{expected['kind']}: {relation}{text}, {word}", tone
