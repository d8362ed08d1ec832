"""When a known value applies."""

from emergent_dynamics.nca import theory


def test_known_values_are_claimed_for_their_own_world_only():
    """Anchors exist for experiment 5 of the thesis at 1,000 generations or more, and for nothing else."""
    same = theory.STATIONARY_WORLD | {"generations": 1000}
    drawn = {name: known for name, known in theory.STATIONARY.items() if name != "rwsp"}
    assert theory.stationary_values(same) == drawn
    assert theory.stationary_values(same | {"rwsp": theory.RWSP_SHOWN}) == theory.STATIONARY
    assert theory.stationary_values(same | {"generations": 999}) == {}
    assert theory.stationary_values(same | {"mutation": 0.03}) == {}


def test_early_life_is_known_for_experiments_of_the_thesis_only():
    """Experiment 3 puts 0.410 of the cells alive; another size or a shorter run has no known value."""
    third = theory.STATIONARY_WORLD | {"seed_fraction": 0.02, "budget": 8, "generations": 200}
    assert theory.early_life(third).value == 0.410
    assert theory.early_life(third | {"generations": 199}) is None
    assert theory.early_life(third | {"width": 100}) is None
