"""Real browsers without a network, asked through their debugging ports: what a person sees at a width and in a scheme.

`browser(name, profile)` gives a `Page` of either; a test is parametrised by `EVERY`, which skips those not installed.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.browsers import chromium, firefox

PACKAGES = {"chromium": "chromium", "firefox": "firefox-esr libavcodec59"}  # Debian's; films need the second
EVERY = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            module.PROGRAM is None,
            reason=f"needs {name.capitalize()} (Debian: apt-get install {PACKAGES[name]})",
        ),
    )
    for name, module in (("chromium", chromium), ("firefox", firefox))
]
# An expression, awaited: a page of `plotting/page.js` has come to its end, well or with an alert. Its scripts decode
# their data after the browser has called the page loaded.
ENDED = """
(async () => {
  const ended = () => document.body.dataset.ready || document.querySelector("[role=alert]");
  for (let k = 0; k < 600 && !ended(); k++) await new Promise((done) => setTimeout(done, 25));
  return Boolean(ended());
})()
"""


class Page(Protocol):
    """One open page. `messages` are the lines of its console and its errors, of which a good page has none."""

    messages: list[str]

    def open(
        self, path: Path, width: int = 1440, scheme: str = "light", *, still: bool = False, at: str = ""
    ) -> None: ...
    def value(self, expression: str) -> Any: ...
    def press(self, key: str) -> None: ...


def browser(name: str, profile: Path) -> AbstractContextManager[Page]:
    """A page of a browser that ends with the block; `profile` is a new folder for what it keeps."""
    return {"chromium": chromium, "firefox": firefox}[name].browser(profile)
