"""One basis for all frames."""

import numpy as np
import pytest

from emergent_dynamics.oscillators.findings import projection
from tests.oscillators.experiments import by_hand, complete


def test_a_joint_basis_keeps_its_axes():
    """A frame that is a copy of another is projected onto the same points, which a basis per frame need not do."""
    theta = np.angle(np.exp(1j * np.random.default_rng(1).normal(size=(1, 6, 3, 5, 5))))
    theta[:, 4] = theta[:, 1]
    found = projection.find(by_hand(theta), complete(projection={"frames": 6, "points": 25}))
    np.testing.assert_allclose(found["position"][4], found["position"][1], atol=1e-12)
    x = projection.features(theta[0]).reshape(-1, 6)
    share = np.linalg.svd(x - x.mean(0), compute_uv=False) ** 2
    assert found["explained"] == pytest.approx((share / share.sum())[:2])


@pytest.mark.parametrize("method", projection.METHODS)
def test_every_projection_has_its_shape(method):
    theta = np.random.default_rng(1).uniform(-3, 3, (1, 6, 2, 4, 5))
    found = projection.find(
        by_hand(theta), complete(projection={"method": method, "frames": 3, "points": 10})
    )
    assert found["position"].shape == (3, 10, 2) and np.isfinite(found["position"]).all()
    assert list(found["frame_index"]) == [0, 2, 5] or list(found["frame_index"]) == [0, 3, 5]
