"""`codeplan-server`: the language server's command line.

Quick to start: nothing but the standard library is imported before `initialize` is answered.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from codeplan_server import __version__


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.settings:
        return _print_settings(options.settings)
    return _serve(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codeplan-server",
        description="Language server of codeplan: plans sampled from a local model, code verified "
        "by your own examples before it is inserted.",
    )
    parser.add_argument("--version", action="version", version=f"codeplan-server {__version__}")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="talk over stdin and stdout (default)")
    way.add_argument(
        "--tcp",
        metavar="[HOST:]PORT",
        help="wait for one client on an address of this machine; port 0 takes a free one, which is "
        "named on stderr",
    )
    parser.add_argument("--log-file", type=Path, metavar="FILE", help="log to this file too")
    parser.add_argument(
        "--trace", action="store_true", help="log everything that is done, without source text"
    )
    parser.add_argument(
        "--settings",
        choices=("json", "markdown"),
        help="print the settings' schema (for VS Code's package.json, or as a table) and end",
    )
    # Passed along by VS Code's client library; the parent's number comes with initialize too.
    parser.add_argument("--clientProcessId", type=int, help=argparse.SUPPRESS)
    return parser


def _serve(options: argparse.Namespace) -> int:
    import logging
    import signal

    from codeplan_server import log, transport

    # Ignored where a shell without job control has started this in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        close_log = log.set_up(options.log_file, logging.DEBUG if options.trace else logging.INFO)
    except OSError as error:
        print(f"codeplan-server: the log file can't be written: {error}", file=sys.stderr)
        return 2
    log_file = str(options.log_file) if options.log_file else None
    if options.tcp:
        try:
            host, port = _address(options.tcp)
            connection = transport.tcp(host, port, _say_listening)
        except (OSError, ValueError) as error:
            close_log()
            print(f"codeplan-server: --tcp {options.tcp}: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            return 130
    else:
        if sys.stdin.isatty():
            print(
                "codeplan-server: waiting for an editor's messages on stdin; end with Ctrl-C",
                file=sys.stderr,
            )
        connection = transport.stdio()

    from codeplan_server.greeting import Greeter

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _leave)
    greeter = Greeter(connection)
    greeter.wait()

    from codeplan_server.server import Logging, serve

    serve(connection, greeter, Logging(close_log, log_file, options.trace))
    return 0


def _leave(number: int, frame: Any) -> None:
    """Until the server is there, it has nothing to end but itself."""
    os._exit(128 + number)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise ValueError("must be a port number, or a host and a port: 127.0.0.1:4000")
    return host.strip("[]") or "127.0.0.1", int(port)


def _say_listening(host: str, port: int) -> None:
    print(f"codeplan-server: listening on {host}:{port}", file=sys.stderr, flush=True)


def _print_settings(form: str) -> int:
    import json

    from codeplan_server import settings

    text = settings.markdown()
    if form != "markdown":
        text = json.dumps(settings.contributions(), indent=2) + "\n"
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer would fail once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 141
        print(f"codeplan-server: the settings can't be written: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
