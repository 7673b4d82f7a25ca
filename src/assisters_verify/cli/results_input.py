"""Read results that are already there, and end the command where they are none of ours."""

import json
from pathlib import Path
from typing import Any

import jsonschema

from assisters_verify.cli.ending import end
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.content import content_root

REMEDY = "Name the --report-dir of a run."


def read_results(path: Path) -> dict[str, Any]:
    """Return the results in a report directory, or in the file itself."""
    found = path if path.is_file() else path / "results.json"
    schema = json.loads((content_root() / "reports" / "results.schema.json").read_text(encoding="utf-8"))
    try:
        results = json.loads(found.read_text(encoding="utf-8"))
        jsonschema.validate(results, schema, cls=jsonschema.Draft202012Validator)
    except jsonschema.ValidationError as error:
        end(ExitStatus.USAGE, f"cannot use {found}: {error.json_path} is not as in ours. {REMEDY}")
    except (OSError, ValueError, RecursionError) as error:
        end(ExitStatus.USAGE, f"cannot read {found}: {words(error)}. {REMEDY}")
    assert isinstance(results, dict)
    return results


def words(error: Exception) -> str:
    """Return what an error says, without what it quotes."""
    strerror = getattr(error, "strerror", None)
    return strerror or (str(error) if isinstance(error, ValueError) else f"it is none of ours ({type(error).__name__})")
