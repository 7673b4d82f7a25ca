"""What a recording says of the run's settings, and the settings of its replay."""

import json
from typing import Any

from assisters_verify.recording.entries import Header, RecordingError
from assisters_verify.settings import RunSettings, Secrets

# Where something lies on the machine of the run, which is nobody's business and of no use elsewhere.
_PLACES = ("api_key_file", "second_api_key_file", "ca_file", "api_key_env", "second_api_key_env", "known_failures")
_OPTION_PLACES = ("report_dir", "extra_checks")
_WEBHOOK_PLACES = ("secret_file", "secret_env")


def told(settings: RunSettings) -> dict[str, Any]:
    """Return the settings as JSON, without secrets and without places of this machine."""
    value: dict[str, Any] = json.loads(settings.to_json())
    value["target"] = {name: part for name, part in value["target"].items() if name not in _PLACES}
    webhook = value["target"]["webhook"]
    value["target"]["webhook"] = {name: part for name, part in webhook.items() if name not in _WEBHOOK_PLACES}
    value["options"] = {name: part for name, part in value["options"].items() if name not in _OPTION_PLACES}
    return value


def settings_of(header: Header) -> RunSettings:
    """Return the settings of the recorded run, with what stands for its secrets. Raises RecordingError."""
    try:
        return RunSettings.from_json(json.dumps(header.settings), Secrets.from_revealed(header.secrets))
    except (ValueError, TypeError, KeyError) as error:
        raise RecordingError("the settings in it are not as this suite knows them") from error
