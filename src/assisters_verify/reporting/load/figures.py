"""Write numbers as people read them: times with three digits, rates, shares and bytes."""

from assisters_verify.settings.thresholds import STATISTICS

NOTHING = "\N{EN DASH}"

_MS_PER_S = 1_000
_US_PER_S = 1_000_000
_MINUTE_S, _HOUR_S = 60, 3_600
_MILLI, _TEN, _HUNDRED, _THOUSAND = 0.001, 10, 100, 1_000
_SMALLEST_SHARE = 0.0001


def seconds(value: float | None) -> str:
    """Return a length of time: `0.42 ms`, `12.3 ms`, `412 ms`, `2.31 s`, `2 min 5 s`."""
    if value is None:
        return NOTHING
    if value == 0:
        return "0 ms"
    if value < _MILLI:
        return f"{value * _US_PER_S:.0f} µs"
    if value < 1:
        return f"{three_digits(value * _MS_PER_S)} ms"
    if value < _MINUTE_S:
        return f"{three_digits(value)} s"
    return long_time(value)


def long_time(value: float) -> str:
    """Return a length of time without parts of seconds: `45 s`, `2 min 5 s`, `2 h`."""
    whole = round(value)
    hours, minutes, rest = whole // _HOUR_S, whole % _HOUR_S // _MINUTE_S, whole % _MINUTE_S
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    parts += [f"{rest} s"] if rest or not parts else []
    return " ".join(parts)


def number(value: float | None) -> str:
    """Return a number or a rate: `0.25`, `12.3`, `1,234`."""
    if value is None:
        return NOTHING
    if isinstance(value, int) or abs(value) >= _HUNDRED:
        return f"{value:,.0f}"
    return three_digits(value)


def share(value: float | None) -> str:
    """Return a share in per cent, so that little is never shown as nothing, nor nearly all as all."""
    if value is None:
        return NOTHING
    if value in {0, 1}:
        return f"{value * _HUNDRED:.0f} %"
    if 0 < value < _SMALLEST_SHARE:
        return "< 0.01 %"
    if 1 - _SMALLEST_SHARE < value < 1:
        return "> 99.99 %"
    is_nearly_all = 1 - _MILLI * _TEN <= value < 1
    text = f"{value * _HUNDRED:.2f}".rstrip("0").rstrip(".") if is_nearly_all else three_digits(value * _HUNDRED)
    return f"{text} %"


def three_digits(value: float) -> str:
    """Return the number with three significant digits, and no zeros at the end of a fraction."""
    size = abs(value)
    if size >= _HUNDRED:
        return f"{value:,.0f}"
    text = f"{value:.1f}" if size >= _TEN else f"{value:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def of_measure(name: str, value: float | None) -> str:
    """Return the value of a measure by its dotted name, as in `streaming.ttft_s.p95`, in its unit."""
    head = measure_of(name)
    if head.endswith("_per_s"):
        return f"{number(value)} /s"
    return seconds(value) if head.endswith("_s") else share(value)


def measure_of(name: str) -> str:
    """Return the measure of a dotted name, without its kind and its statistic."""
    parts = name.split(".")
    return parts[-2] if parts[-1] in STATISTICS else parts[-1]
