# ruff: noqa: RUF001 - prompts have real minus signs
"""Solve the small sums that prompts like to ask for."""

import re
from fractions import Fraction

_EQUATION = re.compile(
    r"\b(?:solve|find|equation)\b.*?(-?\d*)\s*x\s*([+\-−]\s*\d+)?\s*=\s*(-?\d+)", re.IGNORECASE | re.DOTALL
)
_NUMBER = r"(-?\d{1,12}(?:\.\d{1,6})?)"
# Only a question that ends with the sum: 555-0100 in a prompt is a telephone number.
_SUM = re.compile(
    r"(?:what(?:'s|’s| is)|calculate|compute|how much is|evaluate|solve)(?: the (?:result|sum|value|product) of)?:?\s+"
    rf"{_NUMBER}\s*([-+*/×÷−]|plus|minus|times|divided by)\s*{_NUMBER}\s*=?\s*[?.!]?\s*$"
)
_SIGNS = {"plus": "+", "minus": "-", "−": "-", "times": "*", "×": "*", "÷": "/", "divided by": "/"}


def solve_equation(prompt: str) -> str | None:
    """Answer ``2x + 3 = 7`` with its steps."""
    match = _EQUATION.search(prompt)
    if match is None or match.group(1) in {"0", "-0"}:
        return None
    factor = int(f"{match.group(1)}1") if match.group(1) in {"", "-"} else int(match.group(1))
    offset = int((match.group(2) or "0").replace(" ", "").replace("−", "-"))
    total = int(match.group(3))
    verb, amount = ("Subtract", offset) if offset >= 0 else ("Add", -offset)
    place = "from both sides" if offset >= 0 else "to both sides"
    result = Fraction(total - offset, factor)
    return (
        f"Step 1: {verb} {amount} {place} → {factor}x = {total - offset}.\nStep 2: Divide by {factor} → x = {result}."
    )


def calculate(prompt: str) -> str | None:
    """Answer ``What is 2 + 2?`` with the result."""
    match = _SUM.search(prompt.lower())
    if match is None:
        return None
    first, sign, second = Fraction(match.group(1)), _SIGNS.get(match.group(2), match.group(2)), Fraction(match.group(3))
    if sign == "/" and second == 0:
        return "Division by zero has no result."
    result = {"+": first + second, "-": first - second, "*": first * second}.get(sign)
    if result is None:
        result = first / second
    shown = str(result.numerator) if result.denominator == 1 else f"{float(result):.6g}"
    return f"The result is {shown}."
