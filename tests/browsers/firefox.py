"""Debian's Firefox without a network, asked by WebDriver BiDi, which it speaks on its debugging port."""

import json
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import websocket

from tests.browsers.connection import Connection

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
PATIENCE = 60.0  # seconds; a loaded machine starts a browser slowly
KEYS = {"ArrowRight": "\ue014", "ArrowLeft": "\ue012"}  # of the WebDriver standard
SCHEMES = {"dark": 0, "light": 1}
# A proxy that nobody answers in place of the network; films start by themselves; nothing is reported or updated.
PREFERENCES = {
    "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9, "network.proxy.allow_hijacking_localhost": False,
    "media.autoplay.default": 0, "media.autoplay.blocking_policy": 0, "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False, "toolkit.telemetry.enabled": False,
    "browser.shell.checkDefaultBrowser": False, "browser.startup.homepage_override.mstone": "ignore",
    "media.gmp-manager.updateEnabled": False,
}  # fmt: skip


class Page:
    """One open page. `messages` are the lines of its console and its errors, of which a good page has none."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._connection = Connection(socket, self._note)
        self.messages: list[str] = []
        self._call("session.new", capabilities={})
        self._call("session.subscribe", events=["log.entryAdded"])
        self._page = self._context()
        self._window = self._context(**{"moz:scope": "chrome"})

    def open(
        self, path: Path, width: int = 1440, scheme: str = "light", *, still: bool = False, at: str = ""
    ) -> None:
        """Load a file at a width (CSS pixels), in a colour scheme, with or without reduced motion; `at` is a #place."""
        for name, wanted in (
            ("layout.css.prefers-color-scheme.content-override", SCHEMES[scheme]),
            ("ui.prefersReducedMotion", int(still)),
        ):
            self._value(f"Services.prefs.setIntPref({json.dumps(name)}, {wanted})", self._window)
        self._call(
            "browsingContext.setViewport", context=self._page, viewport={"width": width, "height": 900}
        )
        self.messages.clear()
        self._call(
            "browsingContext.navigate", context=self._page, url=path.resolve().as_uri() + at, wait="complete"
        )

    def value(self, expression: str):  # type: ignore[no-untyped-def]
        """What an expression of JavaScript is; a promise is awaited."""
        return self._value(expression, self._page)

    def press(self, key: str) -> None:
        """A key pressed by a user, on whatever has the focus."""
        strokes = [{"type": kind, "value": KEYS[key]} for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": strokes}
        self._call("input.performActions", context=self._page, actions=[keyboard])

    def _context(self, **scope: str) -> str:
        """The one tab, or with a scope the window around it."""
        return self._call("browsingContext.getTree", maxDepth=0, **scope)["contexts"][0]["context"]

    def _value(self, expression: str, context: str):  # type: ignore[no-untyped-def]
        found = self._call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression.strip().rstrip(';')})) ?? null)()",
            target={"context": context},
            awaitPromise=True,
        )
        if found["type"] == "exception":
            raise AssertionError(found["exceptionDetails"]["text"])
        return json.loads(found["result"].get("value", "null"))

    def _call(self, method: str, **parameters: object) -> dict:
        return self._connection.call(method, parameters)

    def _note(self, event: dict) -> None:
        if event.get("method") == "log.entryAdded":
            self.messages.append(event["params"]["text"])


@contextmanager
def browser(profile: Path):  # type: ignore[no-untyped-def]
    """A `Page` of a browser that ends with the block; `profile` is a new folder for what it keeps."""
    profile.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    command = [PROGRAM, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port=0"]
    command += ["--remote-allow-system-access", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"{_address(profile)}/session"
        yield Page(websocket.create_connection(address, timeout=4 * PATIENCE, suppress_origin=True))
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def _address(profile: Path) -> str:
    """The address of the debugging port, once the browser has written it down."""
    end, written = time.monotonic() + PATIENCE, profile / "WebDriverBiDiServer.json"
    while time.monotonic() < end:
        if written.exists() and (text := written.read_text()):
            found = json.loads(text)
            return f"ws://{found['ws_host']}:{found['ws_port']}"
        time.sleep(0.1)
    raise TimeoutError("Firefox did not start")
