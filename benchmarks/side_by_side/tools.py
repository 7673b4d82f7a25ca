"""What is known about a generator: how it is started, and where it says what it measured."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from side_by_side.scenarios import Scenario

ALL = frozenset({"plain", "plain-tls", "stream", "stream-tls", "paced", "stall"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of one generator. It may write into `folder`, which is its working directory too."""

    scenario: Scenario
    base_url: str
    folder: Path
    ca_file: Path
    peers: Path

    @property
    def url(self) -> str:
        """Where chat completions are."""
        return f"{self.base_url}/v1/chat/completions"

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder and return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def body_file(self) -> Path:
        """The request's body, as a file."""
        return self.write("body.json", json.dumps(self.scenario.body))


# What it reports, in seconds: `ttft`, `gap` and `latency`, each with `_p50`, `_p90` and `_p99`.
Reported = Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One generator. `executable` is looked for in the folder of the peers, then on the PATH."""

    name: str
    executable: str
    package: str
    command: Callable[[Job, str], list[str]]
    read: Callable[[Job, str], Reported]
    version_option: str = "--version"
    scenarios: frozenset[str] = ALL
    environ: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    remark: str = ""

    def find(self, peers: Path) -> str | None:
        """Return the executable's path, or None where it is not installed."""
        own = peers / self.package.partition("[")[0] / "bin" / self.executable
        return str(own) if own.exists() else shutil.which(self.executable)

    def version(self, peers: Path) -> str | None:
        """Return its version, or None where it is not installed."""
        path = self.find(peers)
        if path is None:
            return None
        site = Path(path).parent / "python"
        package = self.package.partition("[")[0]
        if site.exists():
            ask = f"from importlib.metadata import version; print(version({package!r}))"
            return subprocess.run([site, "-c", ask], capture_output=True, text=True, check=False).stdout.strip()
        for ask in (["dpkg-query", "--show", "--showformat", "${Version}", package], [path, self.version_option]):
            done = subprocess.run(ask, capture_output=True, text=True, check=False)
            if done.returncode == 0 and (found := re.search(r"\d+\.\d+[.\d]*", done.stdout)):
                return found[0]
        return "unknown"
