"""What the front page answers for tokens that never meet, and for those that do."""

import pytest

from emergent_dynamics.causal.front import FRONT


def record(value, n=64):
    return {"value": value, "ci": None, "n": n, "unit": "share", "expectation": None, "verdict": None}


@pytest.mark.parametrize(("n", "answer"), [(0, "Nothing can be predicted here"), (64, "Yes, mostly")])
def test_tokens_that_all_lead_are_no_success_of_a_prediction(n, answer):
    """Forty vectors in 768 dimensions are farther than the gap from each other: each is a centre and a leader."""
    headlines = {f"strong_c4_{name}": record(1.0) for name in ("recall", "precision")}
    headlines["min_separation_p50"] = record(None if n == 0 else 3.0, n)
    assert FRONT.answer(headlines).text.startswith(answer)
