"""What `assisters-verify doctor` does: look at a target, tell what was seen, and write a target file."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from assisters_verify.cli.ending import Terminated, end, ended_in_order, failure_in_words
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

_LONGEST = 240
_DOCUMENTED = {
    "chat": DOCUMENTED_CHAT,
    "embeddings": DOCUMENTED_EMBEDDINGS,
    "reasoning": DOCUMENTED_CHAT,
    "tools": DOCUMENTED_CHAT,
}


def look_before(*, target_file: Path | None, out: Path | None, force: bool, is_json: bool, **options: Any) -> None:
    """Look at the target of these options, and leave with the exit status."""
    try:
        settings = load_settings(target_file=target_file, options=options, environ=os.environ)
    except SettingsError as error:
        end(ExitStatus.USAGE, str(error))
    if out is not None and out.exists() and not force:
        end(ExitStatus.USAGE, f"{out} is there already. Give another name, or replace it with --force.")
    try:
        with ended_in_order():
            settings, chart = _examine(settings)
    except Unreachable as error:
        end(ExitStatus.UNREACHABLE, str(error))
    except KeyboardInterrupt as interrupt:
        status = ExitStatus.TERMINATED if isinstance(interrupt, Terminated) else ExitStatus.INTERRUPTED
        end(status, "interrupted before all was looked at.")
    except Exception as error:  # noqa: BLE001 - Python's own exit status for it would say that something stands in the way
        redact = Redactor(settings.secrets.reveal().items()).text
        end(ExitStatus.SUITE_FAILED, redact(f"the suite itself failed: {failure_in_words(error)}"))
    shown = {f"shown_secret_{number}": text for number, text in enumerate(sorted(chart.shown), 1)}
    redactor = Redactor((settings.secrets.reveal() | shown).items())
    # Here, since what is shown is cut afterwards, and what the target said was cut before.
    chart.findings = [replace(finding, text=redactor.excerpt(finding.text)) for finding in chart.findings]
    redact = redactor.text
    _tell(chart, settings, is_json=is_json, redact=redact)
    if out is not None:
        _write(out, redact(_target_text(chart, settings)), is_json=is_json)
    sys.exit(ExitStatus.BROKEN if any(each.mark is Mark.TROUBLE for each in chart.findings) else ExitStatus.HELD)


def _examine(settings: RunSettings) -> tuple[RunSettings, Examination]:
    """Return what was found, and the settings with the server that was seen. Raises Unreachable."""
    with ReferenceServer(ReferenceOptions()) if settings.is_embedded else nullcontext() as server:
        if server is not None:
            first, second = server.options.api_keys
            secrets = Secrets(api_key=SecretStr(first), second_api_key=SecretStr(second))
            settings = settings.with_server(server.base_url, secrets)
        look(settings)
        return settings, asyncio.run(examine(settings))


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
    troubles = sum(finding.mark is Mark.TROUBLE for finding in chart.findings)
    stands = {0: "nothing stands", 1: "one thing stands"}.get(troubles, f"{troubles} things stand")
    spent = chart.spent
    click.echo(f"{stands} in the way of a run")
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
    notes["rate_limit"] = limits
    # A line separator in a model's name would end the comment, and what follows be a setting.
    return write_target_text(known, {name: defuse(visible_line(note, _LONGEST)) for name, note in notes.items()})


def _write(path: Path, text: str, *, is_json: bool) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        end(ExitStatus.USAGE, f"cannot write {path}: {error.strerror}. Give another --write.")
    if not is_json:
        click.echo(f"wrote {path}; use it with: assisters-verify conformance --target {path}")
