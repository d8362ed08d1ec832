"""A browser's debugging port: numbered commands over a web socket, with events between the answers."""

import json
from collections.abc import Callable

import websocket


class Connection:
    """An open socket; `note` receives every event that arrives while an answer is waited for."""

    def __init__(self, socket: websocket.WebSocket, note: Callable[[dict], None]) -> None:
        self._socket, self._note, self._number = socket, note, 0

    def call(self, method: str, parameters: dict) -> dict:
        """The result of a command; AssertionError with the browser's own words where it refuses."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._number:
                if "result" not in answer:
                    raise AssertionError(f"{method}: {answer['error']} {answer.get('message', '')}")
                return answer["result"]
            self._note(answer)
