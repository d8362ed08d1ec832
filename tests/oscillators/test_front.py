"""What the front page answers about a field: for all-to-all units the order that theory speaks of."""

import pytest

from emergent_dynamics.oscillators.front import FRONT


def record(value):
    return {"value": value, "ci": None, "unit": "1", "n": 8, "expectation": None, "verdict": None}


@pytest.mark.parametrize(
    ("stationary", "text"),
    [(None, "order within windows at the end is 0.4"), (0.0713, "order in the second half is 0.0713")],
)
def test_the_answer_for_all_to_all_units_is_their_stationary_order(stationary, text):
    headlines = {name: record(0.4) for name in ("local_order_end", "order_end", "projection_explained")}
    headlines |= {"defect_conservation_violations": record(0), "convergence_time": record(None)}
    headlines["order_stationary"] = record(stationary)
    assert text in FRONT.answer(headlines).text
