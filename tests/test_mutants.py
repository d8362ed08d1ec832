"""The mutations that `make mutants` draws from."""

from pathlib import Path

import pytest

from tests.mutants import PACKAGE, candidates

SOURCE = '''"""Twice 2."""

LEVEL = 0.5


def find(a: int = 1, *, flag: bool = True) -> float:
    """Not 3 - 4."""
    return pow(a + 1, 2) if a < 3 and flag else -a
'''


@pytest.fixture
def mutated(tmp_path):
    """The text of each mutant of one finding."""
    path = tmp_path / PACKAGE / "toy" / "findings" / "one.py"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE)
    found = candidates(tmp_path, "toy")
    source = SOURCE.encode()
    return [(source[: m.start] + m.text.encode() + source[m.stop :]).decode() for m in found]


def test_every_operator_comparison_constant_and_argument_is_changed_once(mutated):
    """And docstrings and annotations are left alone; every mutant is Python that differs from the original."""
    assert all(compile(text, "one.py", "exec") and text != SOURCE for text in mutated)
    assert all('"""Twice 2."""' in text and '"""Not 3 - 4."""' in text for text in mutated)
    changes = {
        "LEVEL = (1.0)",
        "pow((a - 1), 2)",
        "pow((a), 2)",
        "(a <= 3)",
        "(pow(2, a + 1))",
        "(a < 3 or flag)",
    }
    changes |= {
        "a: int = (2)",
        "flag: bool = (False)",
        "else (a)",
        "pow(a + 1, (3))",
        "(-a if a < 3 and flag else",
    }
    assert {change for change in changes if not any(change in text for text in mutated)} == set()


def test_the_shared_room_and_every_systems_theory_take_part():
    root = Path(__file__).resolve().parents[1]
    assert {m.path.name for m in candidates(root, "findings")} >= {"verdict.py", "headline.py"}
    assert "theory.py" in {m.path.name for m in candidates(root, "causal")}
