"""docs/recipes.md and the examples in docstrings print what they show."""

import doctest
import importlib

import pytest

from emergent_dynamics.runtime.job import LIBRARY
from tests.docs.test_documents import ROOT
from tests.kept import SYSTEMS

RECIPES = (ROOT / "docs" / "recipes.md").read_text()
SECTIONS = dict(part.split("\n", 1) for part in RECIPES.split("\n## ")[1:])
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = sorted(
    ".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in LIBRARY.rglob("*.py")
    if ">>> " in path.read_text()
)


def run(example, name):
    """What differs, as doctest writes it; "" if nothing does."""
    written = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    runner.run(example, out=written.append)
    assert runner.summarize(verbose=False).attempted > 0, f"{name}: no example"
    return "".join(written)


@pytest.mark.parametrize("title", SECTIONS)
def test_a_recipe_prints_what_the_page_shows(title):
    example = doctest.DocTestParser().get_doctest(SECTIONS[title], {}, title, "docs/recipes.md", 0)
    assert run(example, title) == ""


def test_every_system_of_the_project_has_a_recipe():
    assert [s for s in SYSTEMS if not any(title.startswith(f"{s}:") for title in SECTIONS)] == []


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_docstrings_print_what_they_show(module):
    found = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(module))
    examples = [example for example in found if example.examples]
    assert examples, f"{module}: examples that doctest does not find"
    for example in examples:
        assert run(example, example.name) == ""
