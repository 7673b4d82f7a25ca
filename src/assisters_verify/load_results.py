"""The result of a load run: load.json, the one document from which every report is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from assisters_verify import __version__
from assisters_verify.evidence import Body, Exchange, Frame, RecordedRequest, RecordedResponse
from assisters_verify.load_judging import Bench, Judged
from assisters_verify.load_steps import highest_held, judge_steps
from assisters_verify.load_thresholds import judge_thresholds
from assisters_verify.load_validity import Rule, advice, judge_generator
from assisters_verify.measures.evidence import Kept
from assisters_verify.measures.group import Group
from assisters_verify.measures.histogram import Histogram
from assisters_verify.measures.measures import Measures
from assisters_verify.results import Outcome, entry_of
from assisters_verify.settings.load import LoadSettings
from assisters_verify.verdicts import Level, Verdict, breaks, leaves_open

FORMAT = "assisters-verify/load"
VERSION = 1
_SECOND_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_NO_OPTIONS = {"target", "report_dir", "plan", "scenario", "is_embedded", "thresholds", "keys_file"}
_LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRun:
    """The facts of a run that are not figures. `duration_s` is that of the measured part as far as it came."""

    started_at: str
    duration_s: float
    interrupted: str | None = None
    failure: str | None = None
    leftovers: tuple[str, ...] = ()
    lanes: tuple[Mapping[str, Any], ...] = ()
    judged: tuple[Judged, ...] = ()
    bench: Bench = field(default_factory=Bench)


def build_load_results(settings: LoadSettings, measures: Measures, run: LoadRun) -> dict[str, Any]:
    """Return load.json as JSON values; its schema is `reports/load.schema.json`."""
    whole = _figures(measures.whole(), run.duration_s)
    kinds = {kind: _figures(group, run.duration_s) for kind, group in measures.kinds.items() if _is_used(group)}
    offered_s, delivered = _offered(settings, measures, run.duration_s), _delivered(measures)
    whole["rate"] |= {"offered_per_s": offered_s, "delivered_share": delivered}
    thresholds, left_out = judge_thresholds(settings.thresholds, whole, kinds)
    steps = judge_steps(settings, measures, _figures)
    held = highest_held(steps)
    if steps:
        # Beyond the highest rate a target may break them: that is what a ramp looks for.
        thresholds, left_out = (held or steps[0])["thresholds"], []
    rules = judge_generator(settings, measures, is_counted=bool(run.lanes))
    clauses = _clauses(run)
    reasons = _reasons(whole["requests"], run)
    return {
        "format": FORMAT,
        "version": VERSION,
        "suite": {"name": "assisters-verify", "version": __version__},
        "target": {"base_url": str(settings.base_url)},
        "rate_limit": settings.target.rate_limit.model_dump(mode="json"),
        "scenario": settings.scenario,
        "options": settings.model_dump(mode="json", exclude=_NO_OPTIONS, exclude_none=True),
        "started_at": run.started_at,
        "duration_s": round(run.duration_s, 3),
        "interrupted": run.interrupted,
        "failure": run.failure,
        "leftovers": list(run.leftovers),
        "verdict": _verdict(thresholds, rules, clauses, reasons, run.bench),
        "reasons": reasons,
        **whole,
        "good": settings.request_limits,
        "kinds": kinds,
        "generator": _generator(settings, measures, rules),
        "thresholds": thresholds,
        "thresholds_left_out": left_out,
        "clauses": clauses,
        "lanes": [dict(lane) for lane in run.lanes],
        "steps": steps,
        "highest_rate_per_s": held["rate_per_s"] if held else None,
        "series": _series(measures),
        "distributions": {
            name: _distribution(histogram) for name, histogram in measures.histograms.items() if histogram.count
        },
        "slowest": [
            _exchange(kept, number, settings, run).to_json() for number, kept in enumerate(measures.slowest, 1)
        ],
    }


def _counts(clause: Mapping[str, Any], bench: Bench) -> bool:
    """Tell whether the clause has to be decided, or is broken."""
    return clause["id"] not in bench.by_sample or not _leaves_open(clause)


def _is_broken(clause: Mapping[str, Any]) -> bool:
    return breaks(Verdict(clause["verdict"]), Level(clause["level"]))


def _leaves_open(clause: Mapping[str, Any]) -> bool:
    return leaves_open(Verdict(clause["verdict"]), Level(clause["level"]))


def _verdict(
    thresholds: Sequence[Mapping[str, Any]],
    rules: Sequence[Rule],
    clauses: Sequence[Mapping[str, Any]],
    reasons: Sequence[str],
    bench: Bench,
) -> str:
    if not all(rule.is_held for rule in rules):
        # What is broken beyond doubt is broken, though the figures say nothing about the target.
        return "fail" if any(_is_broken(each) for each in clauses if each["id"] in bench.by_evidence) else "void"
    # A must that was not decided is never green.
    is_clean = not any(_is_broken(each) or _leaves_open(each) for each in clauses if _counts(each, bench))
    is_held = all(threshold["verdict"] == "pass" for threshold in thresholds)
    return "pass" if is_clean and is_held and not reasons else "fail"


def _reasons(requests: Mapping[str, Any], run: LoadRun) -> list[str]:
    if run.failure is not None:
        return []
    if not requests["sent"]:
        return ["No request of the measured part was sent, so nothing was shown."]
    return ["No request of the measured part was answered."] if not requests["ok"] else []


def _is_used(group: Group) -> bool:
    return any(group.counters[name] for name in ("sent", "ok", "refused", "failed"))


def _figures(group: Group, duration_s: float) -> dict[str, Any]:
    counts = group.counters
    finished = counts["ok"] + counts["refused"] + counts["failed"]
    span_s = max(duration_s, 0.001)
    requests = {name: counts[name] for name in ("sent", "ok", "refused", "failed", "retries", "good")}
    by_status = {name: count for name, count in sorted(group.by_status.items()) if count}
    sizes = {name: counts[name] for name in ("bytes_sent", "bytes_received")}
    return {
        "measures": {name: histogram.summary() for name, histogram in group.histograms.items()},
        "requests": {**requests, "finished": finished, "by_status": by_status, **sizes},
        "chunks": counts["chunks"],
        "tokens": counts["tokens"],
        "rate": {
            "achieved_per_s": finished / span_s,
            "ok_per_s": counts["ok"] / span_s,
            "tokens_per_s": counts["tokens"] / span_s,
        },
        "shares": {
            "error_rate": _share(finished - counts["ok"], finished),
            "failure_rate": _share(counts["failed"], finished),
            "refused_rate": _share(counts["refused"], finished),
            "goodput": _share(counts["good"], finished),
        },
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _offered(settings: LoadSettings, measures: Measures, duration_s: float) -> float | None:
    if not settings.is_open_loop:
        return None
    return sum(second.counts["offered"] for second in measures.series.values()) / max(duration_s, 0.001)


def _delivered(measures: Measures) -> float | None:
    asked = sum(health.figures["asked"] for health in measures.health.values())
    delivered = sum(health.figures["delivered"] for health in measures.health.values())
    return min(delivered / asked, 1.0) if asked else None


def _generator(settings: LoadSettings, measures: Measures, rules: Sequence[Rule]) -> dict[str, Any]:
    own, processes = measures.own_histograms(), list(measures.health.values())
    is_saturated = not all(rule.is_held for rule in rules)
    return {
        "cpu_s": sum(health.figures["cpu_s"] for health in processes),
        "lag_p99_s": own["lag_s"].quantile_s(0.99),
        "lateness_p99_s": own["lateness_s"].quantile_s(0.99),
        "peak_memory_mb": max((health.figures["peak_memory_mb"] for health in processes), default=0.0),
        "saturated": is_saturated,
        "processes": len(processes),
        "clock": ", ".join(sorted({health.receive_clock for health in processes if health.receive_clock})) or "unknown",
        "figures": {name: health.figures for name, health in measures.health.items()},
        "rules": [_rule(rule) for rule in rules],
        "sentence": _sentence(rules, len(processes)),
        "advice": advice(settings, measures) if is_saturated else "",
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {**asdict(rule), "verdict": "pass" if rule.is_held else "fail"}


def _sentence(rules: Sequence[Rule], processes: int) -> str:
    broken = [rule.name for rule in rules if not rule.is_held]
    if broken:
        return "The generator was the limit: " + "; ".join(broken) + "."
    words = "process" if processes == 1 else "processes"
    return f"The generator was never the limit: its {processes} {words} held each of these rules."


def _clauses(run: LoadRun) -> list[dict[str, Any]]:
    entries = []
    for clause in run.bench.clauses:
        found = [each for each in run.judged if each.outcome.clause == clause.id] or [_unspoken(clause.id)]
        figures = {name: value for each in found for name, value in each.figures.items()}
        entries.append({**entry_of(clause, [each.outcome for each in found]), "figures": figures})
    return entries


def _unspoken(clause_id: str) -> Judged:
    reason = "the run ended before it could be judged"
    return Judged(outcome=Outcome(check="", clause=clause_id, verdict=Verdict.INCONCLUSIVE, reason=reason))


def _series(measures: Measures) -> dict[str, list[float | None]]:
    seconds = range(max(measures.series) + 1) if measures.series else range(0)
    columns: dict[str, list[float | None]] = {"t_s": [float(number) for number in seconds]}
    found = [measures.series.get(number) for number in seconds]
    for name in ("offered", "sent", "finished", "ok", "refused", "failed", "good", "tokens", "chunks"):
        columns[name] = [float(second.counts[name]) if second else 0.0 for second in found]
    for name in ("latency", "ttft"):
        for word, share in _SECOND_QUANTILES.items():
            columns[f"{name}_{word}_s"] = [
                getattr(second, name).quantile_s(share) if second else None for second in found
            ]
    return columns


def _distribution(histogram: Histogram) -> dict[str, Any]:
    buckets = histogram.buckets()
    return {
        "bits": histogram.bits,
        "us": [least for least, _, _ in buckets],
        "count": [count for _, _, count in buckets],
    }


def _exchange(kept: Kept, number: int, settings: LoadSettings, run: LoadRun) -> Exchange:
    head, _, body = kept.request.replace("\r\n", "\n").partition("\n\n")
    first, *headers = head.split("\n")
    method, _, path = first.partition(" ")
    frames = tuple(Frame(t_s=round(max(t_s - kept.sent_s, 0.0), 6), text=text) for t_s, text in kept.frames)
    return Exchange(
        id=f"x{number:04}",
        check=kept.lane,
        clause="",
        started_at=run.started_at,
        request=RecordedRequest(
            method=method,
            url=f"{settings.base_url}{path.partition(' ')[0]}",
            headers=_headers(headers),
            body=_text(body) if body else None,
        ),
        response=_answer(kept, frames) if kept.status else None,
        first_byte_s=frames[0].t_s if frames else None,
        total_s=round(kept.end_s - kept.sent_s, 6),
        error=kept.problem or None,
        attempt=max(kept.attempt, 1),
    )


def _answer(kept: Kept, frames: tuple[Frame, ...]) -> RecordedResponse:
    first, *headers = kept.head.replace("\r\n", "\n").strip("\n").split("\n")
    version, _, rest = first.partition(" ")
    body = _text(kept.body)
    return RecordedResponse(
        status=kept.status,
        reason=rest.partition(" ")[2],
        http_version=version,
        headers=_headers(headers),
        # The pieces of a stream hold its body already.
        body=Body(text="" if kept.is_stream else body.text, size=body.size, is_cut=kept.is_cut or body.is_cut),
        frames=frames[:400] if kept.is_stream else (),
    )


def _headers(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    pairs = (line.partition(":") for line in lines if line)
    return tuple((name, value.strip()) for name, _, value in pairs)


def _text(text: str) -> Body:
    return Body(text=text[:_LONGEST_TEXT], size=len(text.encode("utf-8", "replace")), is_cut=len(text) > _LONGEST_TEXT)
