"""What the front page answers about the worlds."""

from emergent_dynamics.findings import Expectation, Headline, read_summary, write_summary
from emergent_dynamics.nca.front import FRONT


def test_the_badge_stands_behind_the_number_that_it_judges(tmp_path):
    bound = Expectation(0.5714, "renewal", "exact", relation="<=")
    rows = {
        "excess_activity": Headline(0.01, (-0.09, 0.12), 8, "generations", "Excess"),
        "alive_share": Headline(0.5671, (0.5666, 0.5677), 8, "share", "Alive", bound),
    }
    write_summary(tmp_path / "s.json", rows)
    answer = FRONT.answer(read_summary(tmp_path / "s.json"))
    assert answer.text.endswith("The share of living cells is 0.56710 [0.56660, 0.56770].")
    assert "0.571" in answer.badge and answer.tone == "good"
