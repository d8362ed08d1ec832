"""Debian's Chromium without a network, asked by its own protocol on its debugging port."""

import json
import shutil
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import websocket

from tests.browsers.connection import Connection

PROGRAM = shutil.which("chromium")
PATIENCE = 30.0  # seconds; a loaded machine starts a browser slowly


class Page:
    """One open page. `messages` are the lines of its console and its errors, of which a good page has none."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._connection = Connection(socket, self._note)
        self.messages: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def open(
        self, path: Path, width: int = 1440, scheme: str = "light", *, still: bool = False, at: str = ""
    ) -> None:
        """Load a file at a width (CSS pixels), in a colour scheme, with or without reduced motion; `at` is a #place."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        features += [{"name": "prefers-reduced-motion", "value": "reduce"}] if still else []
        self._call("Emulation.setEmulatedMedia", features=features)
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        self.messages.clear()
        self._call("Page.navigate", url=path.resolve().as_uri() + at)
        end = time.monotonic() + PATIENCE
        while self.value("document.readyState + document.URL.slice(0, 4)") != "completefile":
            if time.monotonic() > end:
                raise TimeoutError(f"{path}: not loaded within {PATIENCE:.0f} s")
            time.sleep(0.1)

    def value(self, expression: str):  # type: ignore[no-untyped-def]
        """What an expression of JavaScript is; a promise is awaited."""
        found = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise AssertionError(found["exceptionDetails"]["exception"]["description"])
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """A key pressed by a user, on whatever has the focus."""
        for kind in ("rawKeyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def _call(self, method: str, **parameters: object) -> dict:
        return self._connection.call(method, parameters)

    def _note(self, event: dict) -> None:
        told = event.get("params", {})
        if event["method"] == "Log.entryAdded":
            self.messages.append(told["entry"]["text"])
        elif event["method"] == "Runtime.consoleAPICalled":
            self.messages.append(" ".join(str(part.get("value")) for part in told["args"]))
        elif event["method"] == "Runtime.exceptionThrown":
            self.messages.append(told["exceptionDetails"]["text"])


@contextmanager
def browser(profile: Path):  # type: ignore[no-untyped-def]
    """A `Page` of a browser that ends with the block; `profile` is a new folder for what it keeps."""
    command = [
        PROGRAM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--remote-allow-origins=*",
    ]
    command += [
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ]
    command += ["--autoplay-policy=no-user-gesture-required", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Page(websocket.create_connection(_address(profile), timeout=4 * PATIENCE))
    finally:
        process.kill()
        process.wait()


def _address(profile: Path) -> str:
    """The debugging address of the one page, once the browser has written its port down."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        written = profile / "DevToolsActivePort"
        if written.exists() and len(written.read_text().splitlines()) == 2:
            port = written.read_text().splitlines()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=PATIENCE) as answer:
                pages = [page for page in json.load(answer) if page["type"] == "page"]
            if pages:
                return pages[0]["webSocketDebuggerUrl"]
        time.sleep(0.1)
    raise TimeoutError("Chromium did not start")
