"""`python -m assisters_verify.exact`: run an exact server until it is interrupted."""

import argparse
import json
import resource
import signal
import sys
from dataclasses import MISSING, fields
from pathlib import Path

from assisters_verify.exact.options import Coding, ExactOptions
from assisters_verify.exact.server import ExactServer

_TYPES = {"coding": Coding, "certificate_file": Path, "key_file": Path, "log_file": Path}


def main() -> None:
    """Serve; the first line on standard output says where."""
    arguments = vars(_parser().parse_args())
    with_parent = arguments.pop("with_parent")
    # Each stream is a connection, and the usual soft limit of 1024 is far below the usual hard one.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        server = ExactServer(ExactOptions(**arguments))
    except (OSError, ValueError) as error:
        sys.exit(f"cannot serve: {error}. See python -m assisters_verify.exact --help.")
    if with_parent:
        server.stop_when_closed(sys.stdin.fileno())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets Ctrl-C as well, and decides
    else:
        signal.signal(signal.SIGINT, lambda *_: server.stop())
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    print(json.dumps({"base_url": server.base_url}), flush=True)  # noqa: T201 - what the caller waits for
    server.run()
    if server.options.log_file is not None:
        server.options.log_file.write_text(json.dumps(server.read_log(with_rows=True)), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m assisters_verify.exact", description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    for field in fields(ExactOptions):
        assert field.default is not MISSING
        name = f"--{field.name.replace('_', '-')}"
        if field.type is bool:
            parser.add_argument(name, type=lambda text: text == "True", default=field.default)
        else:
            kind = _TYPES.get(field.name, field.type)
            assert callable(kind)
            parser.add_argument(name, type=kind, default=field.default, help=f"default: {field.default}")
    return parser


if __name__ == "__main__":
    main()
