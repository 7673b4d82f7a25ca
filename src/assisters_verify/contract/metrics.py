"""Read metrics, as JSON or as Prometheus text, and tell what they cover by their names."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import expect_success
from assisters_verify.contract.fields import Field, fields_in, plain_name
from assisters_verify.judgement import Broken

METRICS = "/v1/metrics"
# Words that somebody may use; the documentation says "latency and error rates" only. `uptime` is no latency.
_LATENCY = re.compile(
    r"latenc|duration|elapsed|rtt|round_?trip|ttf[tb]|tpot|time_?to_?(?:first|last)|percentile|quantile|(?:^|\W|_)p\d\d|timing|took"
    r"|(?:response|request|process(?:ing)?|inference|serv(?:ice|er)|wall|mean|avg|average|median|total)_?time"
    r"|(?:response|request)_?(?:ms|millis|sec)"
    r"|(?<!up)time_?(?:ms|millis|sec|in_?)|(?:mean|avg|average|median|min|max)_?(?:ms|millis|sec)",
    re.IGNORECASE,
)
_ERRORS = re.compile(
    r"error|fail(?!over)|(?<!de)fault|exception|success_?rate|availability|reject|refus|denied|[45]xx"
    r"|bad_?request|unauthori[sz]ed|not_?found|too_?many|throttl",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?:^|/|=)[1-5](?:\d\d|xx)(?:/|$)", re.IGNORECASE)
_STATUS_NAME = re.compile(r"status|code")
# What moves by itself, or with the machine instead of the traffic.
_RESTLESS = re.compile(
    r"up_?time|stamp|(?:^|/)now|date|memory|(?:^|_)cpu|process_|python_|nodejs_|(?:^|/|_)gc_|(?:^|/)go_|thread"
    r"|generated|window|(?:^|/)time$|(?:^|/)ts$|_created$",
    re.IGNORECASE,
)
# Beside a number, these hold what the number is called.
_CALLED = frozenset({"name", "metric", "key", "label", "id", "title", "type", "metricname"})


class Subject(StrEnum):
    """What metrics have to cover."""

    LATENCY = "latency"
    ERRORS = "errors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure. `name` is the way to it, the parts joined by `/`; labels are written as `label=value`."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What the metrics hold. `all_names` are those of everything, figures or not."""

    answer: Answer
    figures: tuple[Metric, ...]
    all_names: tuple[str, ...]

    def covers(self, subject: Subject) -> bool:
        """Whether a figure speaks of this."""
        return any(_SPEAKS[subject](figure) for figure in self.figures)

    def names(self, subject: Subject) -> bool:
        """Whether something speaks of this by its name, be it without a figure yet."""
        return any(_SPEAKS[subject](Metric(name=name, value=0.0)) for name in self.all_names)

    @property
    def moving(self) -> dict[str, float]:
        """The figures that nothing but traffic moves."""
        return {figure.name: figure.value for figure in self.figures if not _RESTLESS.search(figure.name)}


def expect_metrics(answer: Answer) -> Metrics:
    """Judge that the answer holds metrics, as JSON or as Prometheus text, and return them. Raises Broken."""
    expect_success(answer)
    if answer.content_type == "text/html":
        raise Broken(expected="JSON or Prometheus text", received="an HTML page", answer=answer)
    is_json = answer.content_type.endswith("json") or answer.text.lstrip()[:1] in {"{", "["}
    figures = tuple(_from_json(answer.document) if is_json else _from_prometheus(answer))
    names = tuple(figure.name for figure in figures)
    if is_json:
        names = tuple("/".join([*map(str, found.parent), found.shown]) for found in fields_in(answer.document))
    return Metrics(answer=answer, figures=figures, all_names=names)


def _from_json(document: Any) -> Iterator[Metric]:
    fields = fields_in(document)
    called: dict[tuple[str | int, ...], str] = {}
    for found in fields:
        if found.name in _CALLED and isinstance(found.value, str):
            called[found.parent] = f"{called.get(found.parent, '')}/{found.value}".lstrip("/")
    for found in fields:
        value = _as_number(found.value)
        if value is not None:
            yield Metric(name=_name(found, called), value=value)


def _name(found: Field, called: dict[tuple[str | int, ...], str]) -> str:
    """Return the way to a figure, with what the objects on it are called."""
    parts = [
        part
        for depth in range(len(found.parent) + 1)
        for part in (*found.parent[depth - 1 : depth], called.get(found.parent[:depth], ""))
        if part != ""
    ]
    return "/".join([*map(str, parts), found.shown])


def _from_prometheus(answer: Answer) -> Iterator[Metric]:
    is_open = answer.content_type == "application/openmetrics-text"
    parse = openmetrics.text_string_to_metric_families if is_open else text_string_to_metric_families
    try:
        samples = [sample for family in parse(answer.body.decode()) for sample in family.samples]
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        # The parser fails in all of these ways on what is no such text.
        raise Broken(
            expected="JSON or Prometheus text", received=f"{error}: {answer.describe()}", answer=answer
        ) from error
    if not samples:
        raise Broken(expected="JSON or Prometheus text with samples", received=answer.describe(), answer=answer)
    for sample in samples:
        labels = [f"{label}={value}" for label, value in sorted(sample.labels.items())]
        yield Metric(name="/".join([sample.name, *labels]), value=float(sample.value))


def _speaks_of_latency(figure: Metric) -> bool:
    return bool(_LATENCY.search(figure.name))


def _speaks_of_errors(figure: Metric) -> bool:
    if _ERRORS.search(figure.name) or _STATUS.search(figure.name):
        return True
    is_status = 100 <= figure.value < 600 and _STATUS_NAME.search(plain_name(figure.name.rpartition("/")[2]))  # noqa: PLR2004
    return bool(is_status)


def _as_number(value: Any) -> float | None:
    """Return a figure, also one written as text with its unit, such as `12.5ms` or `3 %`."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    found = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*(?:ms|s|%|µs|us)?\s*", value) if isinstance(value, str) else None
    return float(found.group(1)) if found else None


_SPEAKS: dict[Subject, Callable[[Metric], bool]] = {
    Subject.LATENCY: _speaks_of_latency,
    Subject.ERRORS: _speaks_of_errors,
}
