"""`all_config.yaml` of an official run, or a mapping of its `arch` keys: plain values, nothing is executed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from emergent_dynamics.reasoning.official import Refused
from emergent_dynamics.reasoning.official.architecture import Architecture

KINDS = {"trm": "trm", "hrm": "hrm", "hrm_act_v1": "hrm"}  # {last part of the module in arch.name: kind}
ENCODINGS = ("rope", "learned", "none")
COUNTS = ("H_cycles", "L_cycles", "L_layers", "hidden_size", "num_heads", "halt_max_steps")
REQUIRED = ("name", *COUNTS, "H_layers", "expansion", "puzzle_emb_ndim", "pos_encodings")
DEFAULTS: dict[str, Any] = {
    "puzzle_emb_len": 16,
    "mlp_t": False,
    "no_ACT_continue": True,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
}
UNREADABLE = "num_heads, pos_encodings, H_cycles, L_cycles and halt_max_steps cannot be read off the weights"


@dataclass(frozen=True)
class Sizes:
    """What the data set decides: tokens of the vocabulary, cells of a puzzle, and puzzle identifiers."""

    vocabulary: int
    positions: int
    identifiers: int


def read(path: Path) -> dict[str, Any]:
    """The keys of `arch` that the forward pass needs, and `ema`; raises Refused."""
    if not path.is_file():
        raise Refused(f"{path}: no such file; {UNREADABLE}: name a file or write the arch keys as config")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: not YAML of plain values ({' '.join(str(error).split())[:120]})") from None
    if not isinstance(content, Mapping) or not isinstance(content.get("arch"), Mapping):
        raise Refused(f"{path}: arch is missing; must be a mapping of {', '.join(REQUIRED)}")
    arch = {key: content["arch"][key] for key in (*REQUIRED, *DEFAULTS) if key in content["arch"]}
    return {**arch, "ema": content.get("ema", False)}


def architecture(arch: Mapping[str, Any], sizes: Sizes, file: str) -> Architecture:
    """The architecture that `arch` (as `read` gives it) and the data set decide; raises Refused."""
    values = {**DEFAULTS, "ema": False, **arch}
    for key in REQUIRED:
        if values.get(key) is None:
            raise Refused(f"{file}: arch.{key} is missing; {UNREADABLE}")
    _numbers(values, file)
    kind = _kind(str(values["name"]), file)
    width, heads = values["hidden_size"], values["num_heads"]
    encoding = str(values["pos_encodings"])
    mixer = "mlp" if values["mlp_t"] else "attention"
    if encoding not in ENCODINGS:
        raise Refused(f"{file}: arch.pos_encodings = {encoding}: must be {', '.join(ENCODINGS)}")
    if mixer == "attention" and width % heads:
        raise Refused(f"{file}: arch.num_heads = {heads}: must divide hidden_size = {width}")
    if mixer == "attention" and encoding == "rope" and (width // heads) % 2:
        raise Refused(f"{file}: arch.num_heads = {heads}: with rope hidden_size / num_heads must be even")
    if kind == "hrm" and values["H_layers"] < 1:
        raise Refused(f"{file}: arch.H_layers = {values['H_layers']}: must be at least 1 for an HRM")
    return Architecture(
        kind=kind,
        mixer=mixer,
        encoding=encoding,
        width=width,
        heads=heads,
        expansion=float(values["expansion"]),
        h_layers=values["H_layers"] if kind == "hrm" else 0,
        l_layers=values["L_layers"],
        h_cycles=values["H_cycles"],
        l_cycles=values["L_cycles"],
        act_steps=values["halt_max_steps"],
        vocabulary=sizes.vocabulary,
        positions=sizes.positions,
        prefix=_prefix(values, kind, file),
        identifiers=sizes.identifiers,
        puzzle_width=values["puzzle_emb_ndim"],
        epsilon=float(values["rms_norm_eps"]),
        theta=float(values["rope_theta"]),
        halts_alone=kind == "trm" and bool(values["no_ACT_continue"]),
        averaged=bool(values["ema"]),
    )


def _numbers(values: Mapping[str, Any], file: str) -> None:
    for key in (*COUNTS, "H_layers", "puzzle_emb_ndim", "puzzle_emb_len"):
        least = 1 if key in COUNTS else 0
        value = values[key]
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise Refused(f"{file}: arch.{key} = {value}: must be an integer from {least}")
    for key in ("expansion", "rms_norm_eps", "rope_theta"):
        value = values[key]
        if isinstance(value, str):  # YAML 1.1 reads 1e-5 as text
            try:
                value = float(value)
            except ValueError:
                value = None
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e30:
            raise Refused(f"{file}: arch.{key} = {values[key]}: must be a positive number")


def _kind(name: str, file: str) -> str:
    module = name.partition("@")[0].rpartition(".")[2]
    if module not in KINDS:
        raise Refused(
            f"{file}: arch.name = {name}: must be of a module {', '.join(KINDS)}, "
            "for example recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1"
        )
    return KINDS[module]


def _prefix(values: Mapping[str, Any], kind: str, file: str) -> int:
    """Tokens before the puzzle: TRM's puzzle_emb_len unless it is 0; else the number that the embedding fills."""
    filled = -(-values["puzzle_emb_ndim"] // values["hidden_size"])
    if kind == "hrm" or not values["puzzle_emb_len"]:
        return filled
    if not values["puzzle_emb_ndim"]:
        raise Refused(
            f"{file}: arch.puzzle_emb_len = {values['puzzle_emb_len']} with puzzle_emb_ndim = 0: must be 0 "
            "(no prefix); the official code fails on the lengths"
        )
    if values["puzzle_emb_len"] < filled:
        raise Refused(
            f"{file}: arch.puzzle_emb_len = {values['puzzle_emb_len']}: must be at least {filled}, "
            f"as puzzle_emb_ndim = {values['puzzle_emb_ndim']} fills as many tokens"
        )
    return int(values["puzzle_emb_len"])
