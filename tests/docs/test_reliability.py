"""docs/reliability.md says what the suites counted, and names tests that exist."""

import re

from tests import counts


def test_the_last_section_is_what_the_suites_wrote():
    assert counts.PAGE.read_text().endswith(counts.section())


def test_everything_that_was_tried_held():
    assert counts.read() and all(times == held > 0 for times, held in counts.read().values())


def test_every_test_file_that_the_page_names_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)`", counts.PAGE.read_text())
    assert named and all((counts.PAGE.parents[1] / path).exists() for path in named)
