"""One basis for all frames."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from emergent_dynamics.oscillators.findings import projection
from tests.oscillators.experiments import assert_headline, by_hand, complete


def test_a_joint_basis_keeps_its_axes():
    """A frame that is a copy of another is projected onto the same points, which a basis per frame need not do."""
    theta = np.angle(np.exp(1j * np.random.default_rng(1).normal(size=(1, 6, 3, 5, 5))))
    theta[:, 4] = theta[:, 1]
    found = projection.find(by_hand(theta), complete(projection={"frames": 6, "points": 25}))
    np.testing.assert_array_equal(found["position"][4], found["position"][1])
    x = projection.features(theta[0]).reshape(-1, 6)
    share = np.linalg.svd(x - x.mean(0), compute_uv=False) ** 2
    assert found["explained"][0] == pytest.approx((share / share.sum())[:2])


@pytest.mark.parametrize("method", projection.METHODS)
def test_every_projection_has_its_shape(method):
    theta = np.random.default_rng(1).uniform(-3, 3, (1, 6, 2, 4, 5))
    found = projection.find(
        by_hand(theta), complete(projection={"method": method, "frames": 3, "points": 10})
    )
    assert found["position"].shape == (3, 10, 2) and np.isfinite(found["position"]).all()
    assert list(found["frame_index"]) == [0, 2, 5] or list(found["frame_index"]) == [0, 3, 5]


def test_the_plane_is_that_of_the_two_largest_singular_values_in_every_run():
    """Axes point where their largest entry is positive; positions are inner products with them."""
    theta = np.random.default_rng(9).normal(0, 0.8, (3, 4, 2, 3, 5))
    tables = projection.find(by_hand(theta), complete(projection={"frames": 4, "points": 15}))
    for run in range(3):
        x = projection.features(theta[run])
        flat = x.reshape(-1, 4) - x.reshape(-1, 4).mean(0)
        _, values, axes = np.linalg.svd(flat, full_matrices=False)
        shares = values**2 / (values**2).sum()
        axes = axes[:2] * np.sign(axes[:2][np.arange(2), abs(axes[:2]).argmax(1)])[:, None]
        seen = projection.positions(by_hand(theta), tables, "pca", run, np.array([1, 3]))
        np.testing.assert_allclose(seen.reshape(-1, 2), (flat @ axes.T)[np.r_[15:30, 45:60]], atol=1e-6)
        assert tables["explained"][run] == pytest.approx(shares[:2])
        np.testing.assert_allclose(tables["axes"][run], axes, atol=1e-12)
        np.testing.assert_allclose(tables["mean"][run], x.reshape(-1, 4).mean(0), atol=1e-12)
        if run == 0:
            np.testing.assert_allclose(tables["position"].reshape(-1, 2), flat @ axes.T, atol=1e-6)
    np.testing.assert_array_equal(x[2, 7], [*np.cos(theta[2, 2, :, 1, 2]), *np.sin(theta[2, 2, :, 1, 2])])
    assert list(tables["cell"]) == list(range(15)) and list(tables["frame_index"]) == [0, 1, 2, 3]
    headline = projection.summarise(tables, complete())["projection_explained"]
    assert_headline(headline, tables["explained"].sum(1), 1, "share")


def test_pca_of_each_frame_is_scikit_learns_with_the_largest_entry_positive():
    theta = np.random.default_rng(10).uniform(-3, 3, (2, 3, 3, 4, 5))
    config = complete(projection={"method": "per_frame", "frames": 3, "points": 20})
    tables = projection.find(by_hand(theta), config)
    shares = []
    other = projection.positions(by_hand(theta), tables, "per_frame", 1, np.array([2]))
    variances = PCA(2).fit(theta[1, 2].reshape(3, -1).T).explained_variance_
    np.testing.assert_allclose(np.square(other[0]).sum(0), 19 * variances, rtol=1e-6)  # float32
    for frame in range(3):
        flat = theta[0, frame].reshape(3, -1).T
        pca = PCA(2)
        shown = pca.fit_transform(flat)
        largest = pca.components_[np.arange(2), abs(pca.components_).argmax(1)]
        np.testing.assert_allclose(tables["position"][frame], shown * np.sign(largest), atol=1e-6)
        shares.append(pca.explained_variance_ratio_)
    assert tables["explained"][0] == pytest.approx(np.mean(shares, 0))
    headline = projection.summarise(tables, config)["projection_explained"]
    assert_headline(headline, tables["explained"].sum(1), 1, "share", note="mean over the frames")
    alone = projection.summarise(projection.find(by_hand(theta[:1]), config), config)["projection_explained"]
    assert (alone.n, alone.ci, alone.note) == (1, None, "mean over the frames; no interval: one run")
    assert alone.value == pytest.approx(np.mean(shares, 0).sum())


def test_one_channel_has_one_axis_per_frame_and_tsne_no_variance():
    theta = np.random.default_rng(11).uniform(-3, 3, (1, 2, 1, 4, 5))
    per_frame = complete(projection={"method": "per_frame", "frames": 2, "points": 20})
    tables = projection.find(by_hand(theta), per_frame)
    assert (tables["position"][..., 1] == 0).all() and tables["explained"].tolist() == [[1, 0]]
    tsne = complete(projection={"method": "tsne", "frames": 2, "points": 20})
    headline = projection.summarise(projection.find(by_hand(theta), tsne), tsne)["projection_explained"]
    assert np.isnan(headline.value) and headline.note == "t-SNE has no explained variance"
    alone = projection.summarise(projection.find(by_hand(theta), complete()), complete())
    whole = alone["projection_explained"]
    assert (whole.value, whole.ci, whole.exact) == (1, None, True) and whole.note.startswith("one channel")


def test_tsne_takes_fewer_points_the_more_frames_it_has(monkeypatch):
    monkeypatch.setattr(projection, "TSNE_POINTS", 30)
    monkeypatch.setattr(projection, "_tsne", lambda shown, seed: shown[..., :2])
    theta = np.random.default_rng(12).uniform(-3, 3, (1, 40, 2, 4, 5))
    for frames, points in ((3, 10), (5, 6), (40, 2)):
        config = complete(projection={"method": "tsne", "frames": frames, "points": 20})
        assert projection.find(by_hand(theta), config)["position"].shape == (frames, points, 2)


def test_the_layout_of_the_plane_fits_its_arrays():
    tables = projection.find(
        by_hand(np.zeros((1, 4, 2, 3, 5))), complete(projection={"frames": 3, "points": 7})
    )
    for name, variable in projection.variables(tables).items():
        assert tables[name].shape == variable.shape, name
