"""The original widget as a page: a time slider over tokens, clusters, metaclusters and the first token."""

import numpy as np

from emergent_dynamics.causal.figures.tokens import ROLES, roles
from emergent_dynamics.plotting.viewers import points_page


def page(
    x: np.ndarray, n_clusters: np.ndarray, time: np.ndarray, beta: float, title: str, caption: str = ""
) -> str:
    """HTML of one run, x (time, token, coord), n_clusters (time,).

    Clusters are the strong Rényi centres of the start, metaclusters the other Rényi centres, both for c = 4.
    Of more than three coordinates the first three are shown.
    """
    if x.shape[-1] == 2:
        space, positions = "circle", np.arctan2(x[..., 1], x[..., 0])
    else:
        space, positions = "sphere", x[..., :3]
    return points_page(
        positions,
        title,
        caption,
        space=space,
        time=time,
        clock="t =",
        category=roles(x[0], beta),
        names=ROLES,
        what="token",
        radius=(3.5, 5.0, 7.0, 7.0),
        traces={"groups": n_clusters.astype(float)},
    )
