"""The last stage of `make train-smoke`: the language server loads the exported model and solves.

    python training/recipes/smoke_solve.py RUN

Speaks the protocol to a real server over its standard input and output. Exit status 1 when no
function is solved.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from codeplan_training.problems import Problem
from codeplan_training.readers import read
from codeplan_training.render import doctest_lines


class Client:
    """The server's process, and requests to it. It is told nothing that a client may leave out."""

    def __init__(self, model: Path) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "codeplan_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._number = 0
        settings = {
            "backend": {"kind": "llama", "model": str(model.resolve())},
            "search": {"plans": 6, "samples": 6, "memory": False},
        }
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": None,
                "capabilities": {},
                "initializationOptions": {"settings": settings},
            },
        )
        self.notify("initialized", {})

    def request(self, method: str, params: Any) -> Any:
        """The result of a request. Raises RuntimeError for an error."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        for message in self._messages():
            if message.get("id") == self._number and "method" not in message:
                if "error" in message:
                    raise RuntimeError(message["error"]["message"])
                return message["result"]
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})
        raise RuntimeError("the server ended")

    def notify(self, method: str, params: Any) -> None:
        """Tell the server something."""
        self._send({"method": method, "params": params})

    def close(self) -> None:
        """Shut the server down."""
        self.request("shutdown", None)
        self.notify("exit", None)
        self._server.wait(60)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        pipe = _pipe(self._server.stdin)
        pipe.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        pipe.flush()

    def _messages(self) -> Iterator[dict[str, Any]]:
        pipe = _pipe(self._server.stdout)
        while line := pipe.readline():
            length = 0
            while line.strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                line = pipe.readline()
            yield json.loads(pipe.read(length))


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _file(problem: Problem) -> str:
    lines = [*problem.wordings[0].split("\n"), ""]
    lines += [line for c in problem.examples[:2] for line in doctest_lines(c).split("\n")]
    doc = "\n    ".join(lines)
    return f'{problem.signature}\n    r"""{doc}\n    """\n    ...\n'


def main() -> int:
    """0 when at least one function was solved."""
    run = Path(sys.argv[1])
    problems, _ = read(run / "problems.jsonl")
    client = Client(run / "student.gguf")
    solved = 0
    for problem in problems[:6]:
        uri = f"file:///smoke/{problem.entry_point}.py"
        document = {"uri": uri, "languageId": "python", "version": 1, "text": _file(problem)}
        client.notify("textDocument/didOpen", {"textDocument": document})
        place = {"uri": uri, "position": {"line": 0, "character": 5}}
        result = client.request(
            "workspace/executeCommand",
            {"command": "codeplan.planThenCode", "arguments": [place]},
        )
        print(f"{problem.entry_point}: {result['outcome']}")
        solved += result["outcome"] == "passed"
    client.close()
    print(f"the server solved {solved} of 6 functions with the exported student")
    return 0 if solved else 1


if __name__ == "__main__":
    sys.exit(main())
