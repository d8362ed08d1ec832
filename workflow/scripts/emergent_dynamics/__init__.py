"""Simulate, checkpoint, analyse and plot systems of many interacting units.

>>> import emergent_dynamics as ed
>>> ds = ed.simulate("causal", beta=9, tokens=16, runs=2, steps=40)  # an xarray Dataset, read lazily
>>> tables, headlines = ed.analyse(ds)
"""

__version__ = "0.2.0"
__all__ = ["analyse", "open_store", "simulate", "systems"]


def __getattr__(name: str) -> object:
    """The functions of `notebook`, which is imported only when one is used, so that importing this package is fast."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # by name, so that no rule's code hash covers what only a notebook uses

    return getattr(importlib.import_module(f"{__name__}.notebook"), name)
