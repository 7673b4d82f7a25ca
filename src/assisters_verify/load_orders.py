"""What the generator's processes are told: settings, keys, where to write and to whom to tell what happens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from assisters_verify.events import SECRETS_VARIABLE, SETTINGS_VARIABLE
from assisters_verify.settings.load import LoadSettings

PHASES = ("start", "warm_up", "measured", "cool_down", "drain")
MEASURES_FILE = "measures.json"
LEDGER_FILE = "ledger.bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOrders:
    """The orders of one run. `keys` are API keys and show in no text; `events` is a file descriptor to tell events to.

    The process that merges all measures (the only one, or the master) writes MEASURES_FILE, and LEDGER_FILE where the
    scenario keeps a ledger, into `folder` before it ends.

    It tells these events (`events.py`), whatever else it tells:
    - `second`, about one a second, with `t_s` (since the start), `phase` (one of PHASES) and running totals of the
      whole run: `sent`, `ok`, `refused`, `failed`, `tokens`, `chunks`, `running` (under way now), and `latency_p95_s`,
      `ttft_p95_s` (None where there is none yet);
    - `worker_lost` with `worker` and `reason`;
    - `end` with `stopped`: None, or in words why the run stopped before its time (a cap, the deadline).
    On SIGINT it sends nothing more, waits at most `drain_s` for what is under way, writes its files and ends with 0.
    """

    settings: LoadSettings
    keys: tuple[str, ...] = field(repr=False)
    folder: Path
    events: int

    def to_environ(self) -> dict[str, str]:
        """Return the variables that carry the orders: neither they nor the keys ever stand in a command line."""
        orders = {"settings": self.settings.to_json(), "folder": str(self.folder), "events": self.events}
        return {SETTINGS_VARIABLE: json.dumps(orders), SECRETS_VARIABLE: json.dumps({"keys": list(self.keys)})}

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Return the orders that `to_environ` gave out. Raises KeyError where there are none."""
        orders = json.loads(environ[SETTINGS_VARIABLE])
        return cls(
            settings=LoadSettings.from_json(orders["settings"]),
            keys=tuple(json.loads(environ[SECRETS_VARIABLE])["keys"]),
            folder=Path(orders["folder"]),
            events=orders["events"],
        )
