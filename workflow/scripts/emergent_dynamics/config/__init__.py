"""Experiments from configuration files: validated, completed from the schemas, swept; and hashes of code.

The Snakefile imports this package at every start. Importing it takes at most 0.2 s, and it imports no array library.
"""

from emergent_dynamics.config.code import code_sha256, modules_used
from emergent_dynamics.config.command_line import typed
from emergent_dynamics.config.errors import ConfigError
from emergent_dynamics.config.experiments import Experiments, load

__all__ = ["ConfigError", "Experiments", "code_sha256", "load", "modules_used", "typed"]
