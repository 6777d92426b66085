"""JSON-RPC over a program's stdin and stdout, framed by `Content-Length`, as language servers speak it."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PATIENCE = 30.0
"""Seconds that an answer may take."""


class Speech:
    """A running program that is asked and told; what it asks or tells itself goes to `heard`."""

    def __init__(self, command: Sequence[str], heard: Callable[[str, Any], object]) -> None:
        self.heard = heard
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.incoming: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.answers: dict[int, dict[str, Any]] = {}
        self.asked = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, method: str, params: object) -> Any:
        """The answer to a request."""
        self.asked += 1
        number = self.asked
        self._send({"id": number, "method": method, "params": params})
        self.wait(lambda: number in self.answers, method)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer.get("result")

    def tell(self, method: str, params: object) -> None:
        """A notification: nobody answers it."""
        self._send({"method": method, "params": params})

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Take what comes in until something holds."""
        until = time.monotonic() + PATIENCE
        while not done():
            try:
                message = self.incoming.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"{what}: nothing came within {PATIENCE:.0f} s") from None
            if message is None:
                raise ConnectionError(f"{what}: the server has stopped")
            self._take(message)

    def end(self) -> int:
        """Wait for the program to end; gives its exit code."""
        try:
            return self.process.wait(timeout=PATIENCE)
        finally:
            self.process.kill()

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self.answers[message["id"]] = message
            return
        result = self.heard(message["method"], message.get("params"))
        if "id" in message:
            self._send({"id": message["id"], "result": result})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _listen(self) -> None:
        """Read messages in a thread of its own, so that waiting for one can be given up."""
        out = self.process.stdout
        assert out
        while True:
            length = 0
            while (line := out.readline()).strip():
                name, _, value = line.decode("ascii").partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            if not line:
                self.incoming.put(None)
                return
            self.incoming.put(json.loads(out.read(length)))
