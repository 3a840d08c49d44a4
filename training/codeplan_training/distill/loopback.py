"""A teacher without a model: an HTTP server on the loopback address that speaks OpenAI's protocol.

It answers questions about problems whose plans it was given, for tests, for `make train-smoke`, and
for trying `codeplan-train distill` before paying for it. It can be told to misbehave as real
servers do.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from codeplan_model.prompts import codeplan1
from codeplan_training.problems import Problem, Solution
from codeplan_training.programs import program_of

FAULTS = ("429", "500", "timeout", "cut", "garbage", "empty", "nonsense", "401", "none")
"""What can be asked for in place of an answer; "none" is an answer after all."""


class LoopbackTeacher:
    """A context manager; `url` is its address.

    faults: what befalls the first requests, in the order in which they arrive. log: a file that
    gets a line a request. retry_after: seconds that a 429 asks to wait.
    """

    def __init__(
        self,
        problems: Sequence[Problem],
        faults: Sequence[str] = (),
        *,
        log: Path | None = None,
        retry_after: float = 0.2,
        port: int = 0,
    ) -> None:
        unknown = set(faults) - set(FAULTS)
        if unknown:
            raise ValueError(f"unknown faults {sorted(unknown)}: choose among {FAULTS}")
        self._problems = {p.entry_point: p for p in problems if p.form != "program"}
        self._programs = [p for p in problems if p.form == "program"]
        self._faults = list(faults)
        self._log = log
        self._lock = threading.Lock()
        self.requests = 0
        self.retry_after = retry_after
        self.released = threading.Event()
        teacher = self

        class Handler(_Handler):
            owner = teacher

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> LoopbackTeacher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve_until_killed(self) -> None:
        """Serve in this thread."""
        self._server.serve_forever()

    def next_fault(self, asked: str) -> str:
        """Count a request and say what befalls it."""
        with self._lock:
            fault = self._faults[self.requests] if self.requests < len(self._faults) else "none"
            self.requests += 1
            if self._log is not None:
                with self._log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"fault": fault, "asked": asked}) + "\n")
        return fault

    def answer(self, asked: str) -> str:
        """What a good teacher says to this question."""
        names = re.findall(r"^def (\w+)\(", asked, re.M)
        problem = next((self._problems[n] for n in names if n in self._problems), None)
        # A program has no name of its own: its question is what the teacher knows it by.
        problem = next((p for p in self._programs if f"\n\n{p.wordings[0]}\n" in asked), problem)
        if problem is None:
            return "I don't know that problem."
        if "no code" not in asked:
            plan = re.findall(r"^\d+\. (.*)$", asked.partition("Follow this plan:\n")[2], re.M)
            chosen = next((s for s in problem.solutions if list(s.steps) == plan), None)
            code = (chosen or problem.solutions[0]).code
            if problem.form == "program":
                return f"```python\n{program_of(code)}```\n"
            imports = "".join(line + "\n" for line in problem.imports)
            return f"Here it is:\n```python\n{imports}{problem.signature}\n{code}\n```\n"
        shown = [s for s in problem.solutions if _text(problem, s) in asked]
        shown = shown or list(problem.solutions)
        return "The plan:\n" + codeplan1.plan_text(shown[0].steps)


def _text(problem: Problem, solution: Solution) -> str:
    """A solution as a question shows it."""
    return program_of(solution.code) if problem.form == "program" else solution.code


class _Handler(BaseHTTPRequestHandler):
    owner: LoopbackTeacher
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            asked = json.loads(body)["messages"][-1]["content"]
        except (ValueError, KeyError, IndexError, TypeError):
            self._send(400, b'{"error": {"message": "not a chat request"}}')
            return
        fault = self.owner.next_fault(asked)
        text = "I would rather talk about the weather." if fault == "nonsense" else ""
        answer = self._completion(asked, text or self.owner.answer(asked))
        match fault:
            case "429":
                wait = {"Retry-After": str(self.owner.retry_after)}
                self._send(429, b'{"error": {"message": "slow down"}}', wait)
            case "401":
                self._send(401, b'{"error": {"message": "no such key"}}')
            case "500":
                self._send(500, b'{"error": {"message": "out of order"}}')
            case "timeout":
                self.owner.released.wait(60)
                self.close_connection = True
            case "cut":
                self._send(200, answer, keep=len(answer) // 2)
            case "garbage":
                self._send(200, b"<html>not JSON</html>")
            case "empty":
                self._send(200, b'{"id": "x", "object": "chat.completion", "choices": []}')
            case _:
                self._send(200, answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are logged by the owner."""

    def _completion(self, asked: str, text: str) -> bytes:
        usage = {"prompt_tokens": len(asked) // 4, "completion_tokens": len(text) // 4}
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
        }
        return json.dumps(
            {
                "id": "loopback",
                "object": "chat.completion",
                "created": 0,
                "model": "loopback",
                "choices": [choice],
                "usage": {**usage, "total_tokens": sum(usage.values())},
            }
        ).encode()

    def _send(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        keep: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:keep])
        if keep is not None:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)


def main() -> None:
    """`python -m codeplan_training.distill.loopback PATH... [--port-file FILE]`"""
    from codeplan_training import readers

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--port-file", type=Path, help="where the address is written")
    parser.add_argument("--faults", default="", help=f"comma-separated: {', '.join(FAULTS)}")
    parser.add_argument("--log", type=Path)
    given = parser.parse_args()
    found, _ = readers.read_paths(given.paths)
    faults = [fault for fault in given.faults.split(",") if fault]
    teacher = LoopbackTeacher(found, faults, log=given.log)
    if given.port_file:
        partial = given.port_file.with_name(given.port_file.name + ".partial")
        partial.write_text(teacher.url)
        partial.replace(given.port_file)
    print(teacher.url, flush=True)
    teacher.serve_until_killed()


if __name__ == "__main__":
    main()
