"""Progress of a run: a bar in a terminal; in a log, lines with the rate and the time left."""

import sys
import time

from tqdm import tqdm

LINE_SECONDS = 10.0


class Report:
    """Shows the progress of a clock from `start` to `end`; it has no influence on the results."""

    def __init__(self, name: str, start: float, end: float, at: float) -> None:
        self.name, self.start, self.end = name, start, end
        self._begun = self._told = time.monotonic()
        self._from = at
        self._bar = tqdm(total=end - start, initial=at - start, desc=name) if sys.stderr.isatty() else None
        if self._bar is None:
            self._say(f"from {at:g} of {end:g}")

    def at(self, clock: float) -> None:
        """Show the value of the clock; in a log at most once in `LINE_SECONDS`."""
        now = time.monotonic()
        if self._bar is not None:
            self._bar.update(clock - self.start - self._bar.n)
        elif now - self._told >= LINE_SECONDS:
            self._told = now
            rate = (clock - self._from) / (now - self._begun)
            left = (self.end - clock) / rate if rate else float("inf")
            share = (clock - self.start) / (self.end - self.start)
            self._say(f"{share:.0%}, {clock:g} of {self.end:g}, {rate:.3g} per second, {left:.0f} s left")

    def done(self, text: str) -> None:
        """Print the last line: how the run ended and how long it took."""
        if self._bar is not None:
            self._bar.close()
        self._say(f"{text} after {time.monotonic() - self._begun:.1f} s")

    def _say(self, text: str) -> None:
        print(f"{self.name}: {text}", file=sys.stderr, flush=True)
