"""Trained models as their authors' code saves them: TRM and HRM state dicts, configurations and data folders.

A. Jolicoeur-Martineau 2025, arXiv:2510.04871 (TRM: SamsungSAILMontreal/TinyRecursiveModels, commit e7b6871).
G. Wang et al. 2025, arXiv:2506.21734 (HRM: sapientinc/HRM, commit 42410da).
"""


class Refused(ValueError):
    """Raised for a file that is refused; the message is one line with file, key or value, fault and what is allowed."""
