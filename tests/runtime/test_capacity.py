"""The memory of a machine, and the refusal of a plan that asks for more."""

import pytest

from emergent_dynamics.runtime import capacity


def test_a_control_group_that_leaves_less_than_the_machine_counts(tmp_path):
    whole = capacity.of_this_machine(tmp_path / "none")
    group = tmp_path / "memory.max"
    for granted, expected in (("max", whole), (str(2**28), 256.0), (str(2**60), whole)):
        group.write_text(f"{granted}\n")
        assert capacity.of_this_machine(group) == expected


def test_the_largest_partition_decides_and_one_without_a_limit_takes_everything(tmp_path):
    config = tmp_path / "partitions.yaml"
    config.write_text("partitions:\n  small: {max_mem_mb: 1000}\n  large: {max_mem_mb: 64000}\n")
    assert capacity.of_largest_partition(config) == 64000
    config.write_text("partitions:\n  small: {max_mem_mb: 1000}\n  any: {max_runtime: 60}\n")
    assert capacity.of_largest_partition(config) is None


def test_the_job_that_asks_for_most_is_named_with_both_numbers():
    asked = {"simulate small": 500, "simulate large": 4000, "films large": 2500}
    with pytest.raises(capacity.TooLarge) as refused:
        capacity.refuse(asked, 2000, "this machine")
    message = "simulate large (and 1 more) needs 4,000 MiB of memory: this machine has 2,000"
    assert str(refused.value) == message


@pytest.mark.parametrize("asked, limit", [({"a": 2000}, 2000), ({"a": 2001}, None), ({}, 1)])
def test_what_fits_or_has_no_limit_is_let_through(asked, limit):
    capacity.refuse(asked, limit, "this machine")
