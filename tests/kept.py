"""The systems that belong to the project: those with an experiment in config/config.yaml.

Tests demand more of them than of a system that somebody has just added: recipes, horizons, digests on record, coverage.
"""

from pathlib import Path

import yaml

CONFIG = Path(__file__).resolve().parents[1] / "config" / "config.yaml"
SYSTEMS = sorted(yaml.safe_load(CONFIG.read_text())["experiments"])
