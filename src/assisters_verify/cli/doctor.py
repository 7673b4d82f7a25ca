"""`assisters-verify doctor`: look at a target before a run, and write a target file to start from."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from assisters_verify.cli.ending import end
from assisters_verify.cli.examination import MOST_MODELS, Examination, areas_of, examine
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.contract.models import DOCUMENTED_CHAT, DOCUMENTED_EMBEDDINGS
from assisters_verify.contract.soundings import Sound
from assisters_verify.doctor import Mark
from assisters_verify.preflight import Unreachable, look
from assisters_verify.redaction import Redactor
from assisters_verify.reference import ReferenceOptions, ReferenceServer
from assisters_verify.reporting.inert import defuse, visible_line
from assisters_verify.settings import RunSettings, Secrets, SettingsError, load_settings
from assisters_verify.settings.target_text import write_target_text

_EPILOG = """\b
Examples:
  assisters-verify doctor --base-url https://api.example.com
  assisters-verify doctor --base-url http://localhost:8080 --write target.yaml
  assisters-verify doctor --target target.yaml --json

\b
It sends about 25 requests, one after the other, and makes nothing on the target.
Exit status: 0 nothing stands in the way of a run; 1 something does; 2 wrong usage or configuration;
3 the target cannot be reached or speaks no HTTP."""

_LONGEST = 240
_DOCUMENTED = {
    "chat": DOCUMENTED_CHAT,
    "embeddings": DOCUMENTED_EMBEDDINGS,
    "reasoning": DOCUMENTED_CHAT,
    "tools": DOCUMENTED_CHAT,
}

_file = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog=_EPILOG)
@click.option("--base-url", metavar="URL", help="Origin of the API. Without it the embedded reference server is seen.")
@click.option("--target", "target_file", type=_file, metavar="FILE", help="Target file (YAML), if there is one.")
@click.option("--receiver-url", metavar="URL", help="Public URL at which webhooks would reach this machine.")
@click.option("--ca-file", type=_file, metavar="FILE", help="Certificates (PEM) to trust instead of the system's.")
@click.option("--timeout", "timeout_s", type=float, metavar="S", help="Deadline of one exchange.  [default: 60]")
@click.option(
    "--allow-plain-http",
    is_flag=True,
    default=None,
    help="Allow the key to be sent unencrypted to a target that is not on this machine.",
)
@click.option("--write", "out", type=_file, metavar="FILE", help="Write a commented target file to start from.")
@click.option("--force", is_flag=True, help="Let --write replace a file that is there.")
@click.option("--json", "is_json", is_flag=True, help="What was found, as one JSON object.")
def command(*, target_file: Path | None, out: Path | None, force: bool, is_json: bool, **options: Any) -> None:
    """Look at a target before a run: reach, TLS, key, clock, models, areas, latency, limits, webhooks.

    The key is read from ASSISTERS_API_KEY, or from where the target file says; never from the command line.
    """
    try:
        settings = load_settings(target_file=target_file, options=options, environ=os.environ)
    except SettingsError as error:
        end(ExitStatus.USAGE, str(error))
    if out is not None and out.exists() and not force:
        end(ExitStatus.USAGE, f"{out} is there already. Give another name, or replace it with --force.")
    with ReferenceServer(ReferenceOptions()) if settings.is_embedded else nullcontext() as server:
        if server is not None:
            first, second = server.options.api_keys
            secrets = Secrets(api_key=SecretStr(first), second_api_key=SecretStr(second))
            settings = settings.with_server(server.base_url, secrets)
        try:
            look(settings)
        except Unreachable as error:
            end(ExitStatus.UNREACHABLE, str(error))
        chart = asyncio.run(examine(settings))
    redact = Redactor(settings.secrets.reveal().items()).text
    _tell(chart, settings, is_json=is_json, redact=redact)
    if out is not None:
        _write(out, redact(_target_text(chart, settings)), is_json=is_json)
    sys.exit(ExitStatus.BROKEN if any(each.mark is Mark.TROUBLE for each in chart.findings) else ExitStatus.HELD)


def _tell(chart: Examination, settings: RunSettings, *, is_json: bool, redact: Callable[[str], str]) -> None:
    if is_json:
        document = {
            "format": "assisters-verify/doctor",
            "version": 1,
            "target": {"base_url": str(settings.target.base_url)},
            "findings": [asdict(finding) for finding in chart.findings],
            "models": chart.models.listed,
            "areas": {echo.area: echo.sound for echo in chart.echoes},
            "spent": chart.spent,
        }
        click.echo(redact(json.dumps(document, indent=2)))
        return
    for finding in chart.findings:
        line = visible_line(redact(f"{finding.mark:8}{finding.topic:13}{finding.text}"), _LONGEST + 60)
        click.echo(defuse(line))
        if finding.remedy:
            click.echo(f"{'':21}{finding.remedy}")
    spent = chart.spent
    click.echo(f"spent: {spent['requests']} requests, {spent['tokens']} tokens as far as the target tells them")


def _target_text(chart: Examination, settings: RunSettings) -> str:
    # The embedded server has another port each time.
    known: dict[str, Any] = {} if settings.is_embedded else {"base_url": str(settings.target.base_url)}
    notes: dict[str, str] = {}
    for capability, documented in _DOCUMENTED.items():
        claiming = [name for name, claims in chart.models.listed.items() if capability in claims]
        if claiming:
            known[f"models.{capability}"] = chart.models.choose(capability, documented)
            notes[f"models.{capability}"] = f"claimed by {', '.join(claiming[:MOST_MODELS])}"
    if settings.target.webhook.receiver_url:
        known["webhook.receiver_url"] = settings.target.webhook.receiver_url
    missing = [echo for echo in chart.echoes if echo.sound is Sound.MISSING]
    unclear = [echo for echo in chart.echoes if echo.sound is Sound.UNCLEAR]
    seen = [f"not there: {areas_of(missing)}"] if missing else []
    seen += [f"not clear: {areas_of(unclear)}"] if unclear else []
    if chart.echoes:
        notes["areas"] = "; ".join(seen) or "all that was asked for seem to be there"
    limits = next((each.text for each in chart.findings if each.topic == "rate limit"), "")
    notes["rate_limit"] = visible_line(limits, _LONGEST)
    return write_target_text(known, notes)


def _write(path: Path, text: str, *, is_json: bool) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        end(ExitStatus.USAGE, f"cannot write {path}: {error.strerror}. Give another --write.")
    if not is_json:
        click.echo(f"wrote {path}; use it with: assisters-verify conformance --target {path}")
