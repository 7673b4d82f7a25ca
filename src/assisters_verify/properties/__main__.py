"""Read orders from standard input, and write the generated cases to standard output, both as JSON."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from assisters_verify.properties.apart import to_json
from assisters_verify.properties.case import Mode
from assisters_verify.properties.generate import generate_cases


def main() -> None:
    """Generate what the orders ask for."""
    orders: dict[str, Any] = json.load(sys.stdin)
    specification = yaml.safe_load(Path(orders["specification"]).read_text(encoding="utf-8"))
    cases = generate_cases(
        specification,
        operations=[orders["operation"]],
        fixed={orders["operation"]: orders["fixed"]},
        seed=orders["seed"],
        examples=orders["examples"],
        modes=[Mode(orders["mode"])],
        max_invalid=orders["most"],
        max_valid=orders["most"],
    )
    json.dump([to_json(case) for case in cases], sys.stdout)


main()
