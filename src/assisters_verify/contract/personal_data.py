"""Make up personal data, in the forms in which people write it, and find it again in a text."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assisters_verify.surroundings import current

_BETWEEN_DIGITS = r"[\s().\-\u00ad\u2010-\u2015/]*"
# Area codes that are in use, each with 555-0100 to 555-0199, which are kept for fiction.
_AREA_CODES = ("202", "212", "303", "312", "404", "415", "503", "512", "602", "617", "702", "713", "808", "907")
_SYLLABLES = ("ba", "do", "fe", "gi", "ko", "lu", "ma", "ne", "pi", "ro", "su", "ta", "vo", "wi")
_SENTENCES = (
    "The first is {}.",
    "Before that it was {}, as far as we know.",
    'Somebody wrote "{}" on the door.',
    "Use ({}) in the evening;",
    "or else [{}].",
    "The newest: {}",
)


class Kind(StrEnum):
    """What the documentation's redaction covers, in the reading of this suite."""

    EMAIL = "e-mail address"
    PHONE = "phone number"
    SSN = "social security number"
    CARD = "card number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """A made-up value. `form` says how it is written."""

    kind: Kind
    form: str
    text: str

    def is_in(self, text: str) -> bool:
        """Tell whether the whole value stands in the text, in any case, and a number in any grouping.

        What is left of it is not the value: the last four digits of a card, or the domain of an address. A phone
        number is whole without its country code too.
        """
        if self.kind is Kind.EMAIL:
            return self.text.lower() in text.lower()
        return any(re.search(_BETWEEN_DIGITS.join(digits), text) for digits in self._numbers())

    def _numbers(self) -> Iterator[str]:
        digits = "".join(sign for sign in self.text if sign.isdigit())
        yield digits
        country = re.match(r"\+(1|44|49)", self.text)
        if self.kind is Kind.PHONE and country is not None:
            yield digits[len(country.group(1)) :]


def find_data(data: Iterable[Datum], texts: Sequence[str]) -> list[Datum]:
    """Return those values that stand in any of the texts."""
    return [datum for datum in data if any(datum.is_in(text) for text in texts)]


def draw_data(*kinds: Kind, forms: str = "usual") -> list[Datum]:
    """Return a new value in each of the `usual` or `rare` forms of these kinds."""
    table = {"usual": FORMS, "rare": RARE_FORMS}[forms]
    return [Datum(kind=kind, form=form, text=make()) for kind in kinds for form, make in table[kind].items()]


def draw_one(kind: Kind) -> Datum:
    """Return a new value in the plainest form of this kind."""
    form, make = next(iter(FORMS[kind].items()))
    return Datum(kind=kind, form=form, text=make())


def write_letter(data: Sequence[Datum]) -> str:
    """Return a text that holds the values in sentences, one of them twice, with signs of all sorts around them."""
    lines = []
    for number, datum in enumerate(data):
        if number == 0 or data[number - 1].kind is not datum.kind:
            lines.append(f"About the {datum.kind}:")
        lines.append(_SENTENCES[number % len(_SENTENCES)].format(datum.text))
    return " ".join([*lines, "Once more the first one:", data[0].text, "and that is all."])


def is_repeated_around(data: Sequence[Datum], letter: str, text: str) -> bool:
    """Tell whether all of a letter but its values stands in a text, piece by piece and in order."""
    pieces = re.split("|".join(re.escape(datum.text) for datum in data), letter)
    return re.search(".*?".join(re.escape(piece.strip()) for piece in pieces), text, re.DOTALL) is not None


def is_luhn(digits: str) -> bool:
    """Tell whether the digits pass the check of card numbers (ISO/IEC 7812-1, annex B)."""
    doubled = [2 * int(digit) for digit in digits[-2::-2]]
    total = sum(int(digit) for digit in digits[-1::-2]) + sum(double // 10 + double % 10 for double in doubled)
    return total % 10 == 0


def _word() -> str:
    return "".join(current().chance.choice(_SYLLABLES) for _ in range(4))


def _digits(count: int) -> str:
    return "".join(current().chance.choice("0123456789") for _ in range(count))


def _line() -> tuple[str, str]:
    """Return an area code and four digits, the two parts of a number that vary."""
    return current().chance.choice(_AREA_CODES), f"01{_digits(2)}"


def _phone(pattern: str) -> Callable[[], str]:
    def make() -> str:
        area, line = _line()
        return pattern.format(area=area, line=line)

    return make


def _social() -> tuple[str, str, str]:
    """Return the three parts of a number that could be issued: never 000, 666 or 9xx, never 00, never 0000."""
    return (
        f"{current().chance.randrange(773, 900)}",
        f"{current().chance.randrange(1, 100):02d}",
        f"{current().chance.randrange(1, 10_000):04d}",
    )


def _card(prefix: str, length: int, groups: Sequence[int], sign: str) -> Callable[[], str]:
    """Return a maker of card numbers that begin like those which payment services keep for tests."""

    def make() -> str:
        body = prefix + _digits(length - len(prefix) - 1)
        number = next(body + digit for digit in "0123456789" if is_luhn(body + digit))
        ends = [sum(groups[: place + 1]) for place in range(len(groups))]
        return sign.join(number[end - size : end] for end, size in zip(ends, groups, strict=True))

    return make


FORMS: dict[Kind, dict[str, Callable[[], str]]] = {
    Kind.EMAIL: {
        "simple": lambda: f"{_word()}@example.com",
        "with a plus": lambda: f"{_word()}+{_word()}@example.org",
        "at a subdomain": lambda: f"{_word()}.{_word()}@mail.{_word()}.example.net",
        "with digits and signs": lambda: f"{_word()}_{_digits(3)}-{_word()}@example.org",
        "in capitals": lambda: f"{_word().upper()}.{_word().upper()}@EXAMPLE.COM",
    },
    Kind.PHONE: {
        "with brackets": _phone("({area}) 555-{line}"),
        "dashed": _phone("{area}-555-{line}"),
        "dotted": _phone("{area}.555.{line}"),
        "with a country code": _phone("+1 {area} 555 {line}"),
        "in one piece": _phone("+1{area}555{line}"),
        # Kept for fiction by Ofcom and by the Bundesnetzagentur.
        "British": lambda: f"+44 20 7946 0{_digits(3)}",
        "German": lambda: f"+49 30 23125 {_digits(3)}",
    },
    Kind.SSN: {
        "dashed": lambda: "-".join(_social()),
        "dashed again": lambda: "-".join(_social()),
    },
    Kind.CARD: {
        "spaced": _card("411111", 16, (4, 4, 4, 4), " "),
        "dashed": _card("555555", 16, (4, 4, 4, 4), "-"),
        "bare": _card("424242", 16, (16,), ""),
    },
}
RARE_FORMS: dict[Kind, dict[str, Callable[[], str]]] = {
    Kind.EMAIL: {"with an apostrophe": lambda: f"{_word()}.o'{_word()}@example.org"},
    Kind.PHONE: {"bare": _phone("{area}555{line}"), "with slashes": _phone("{area}/555-{line}")},
    Kind.SSN: {"spaced": lambda: " ".join(_social())},
    Kind.CARD: {"of fifteen digits": _card("378282", 15, (4, 6, 5), " ")},
}
