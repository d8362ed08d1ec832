"""A page with a time slider over the tokens of one run, in the colours of the groups that they end in."""

import numpy as np

from emergent_dynamics.causal.figures import axes
from emergent_dynamics.causal.figures.tokens import ROLES, principal, roles
from emergent_dynamics.plotting.colours import category_table
from emergent_dynamics.plotting.viewers import points_page

STRONG = ROLES.index("strong Rényi centre")


def page(
    x: np.ndarray, labels: np.ndarray, time: np.ndarray, beta: float, title: str, clock: str = axes.TIME
) -> str:
    """The page of one run as HTML. x (time, token, coord); labels (time, token): the leader of each token's group.

    The legend counts the tokens of each final group, since tokens that have met lie on top of each other. Strong Rényi
    centres of the start (c = 4) are drawn larger and darker; the first token is one.
    Of more than three coordinates the three principal axes are shown.
    """
    if x.shape[-1] == 2:
        space, positions = "circle", np.arctan2(x[..., 1], x[..., 0])
    else:
        space, positions = "sphere", principal(x)
    category, names = _categories(labels[-1], roles(x[0], beta) >= STRONG)
    groups = len(names) // 2
    palette = category_table(groups)
    return points_page(
        positions,
        title,
        space=space,
        time=time,
        clock=axes.reading(clock),
        category=category,
        names=names,
        what="token",
        radius=(3.5,) * groups + (7.0,) * groups,
        colours=np.concatenate([palette, palette * 0.6]).astype(np.uint8),
        traces={"groups": (labels == np.arange(labels.shape[1])).sum(axis=1).astype(float)},
    )


def _categories(last: np.ndarray, strong: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """(token,) categories and their names: a group's tokens, then, after those of all groups, its strong centres."""
    leaders, group, sizes = np.unique(last, return_inverse=True, return_counts=True)
    names = [f"led by token {leader}: {size} tokens" for leader, size in zip(leaders, sizes, strict=True)]
    return group + len(leaders) * strong, [*names, *(f"strong centres led by {leader}" for leader in leaders)]
