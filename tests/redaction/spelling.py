"""Secrets, and the ways in which a server may spell them."""

import html
import json
from collections.abc import Callable
from urllib.parse import quote

KEY = "sk-Ab9_x/Y+z=7Q.4tLmN8vWc"
OTHER = "sk-other-4f9a1c7e5d3b8062"

Encode = Callable[[str], str]


def percent_all(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def percent_lower(text: str) -> str:
    return percent_all(text).lower()


def percent_in_part(text: str) -> str:
    return "".join(f"%{ord(char):02x}" if at % 3 == 0 else quote(char) for at, char in enumerate(text))


def json_escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def json_slashes_escaped(text: str) -> str:
    return json_escaped(text).replace("/", "\\/")


def json_all(text: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in text)


def json_in_part(text: str) -> str:
    return "".join(
        json_all(char) if at % 2 and ord(char) < 0x10000 else json_escaped(char) for at, char in enumerate(text)
    )


def json_twice(text: str) -> str:
    return json_escaped(json_in_part(text))


def script_escaped(text: str) -> str:
    return "".join(f"\\x{ord(char):02x}" for char in text)


def html_escaped(text: str) -> str:
    return html.escape(text, quote=True)


def html_decimal(text: str) -> str:
    return "".join(f"&#{ord(char)};" for char in text)


def html_hex(text: str) -> str:
    return "".join(f"&#X{ord(char):04X};" for char in text)


def hex_digits(text: str) -> str:
    return text.encode().hex()


def hex_capitals(text: str) -> str:
    return hex_digits(text).upper()


def percent_twice(text: str) -> str:
    return quote(percent_all(text))


def json_of_html(text: str) -> str:
    return json_all(html_decimal(text))


ENCODERS: list[Encode] = [
    str,
    quote,
    percent_all,
    percent_lower,
    percent_in_part,
    json_escaped,
    json_slashes_escaped,
    json_all,
    json_in_part,
    json_twice,
    script_escaped,
    html_escaped,
    html_decimal,
    html_hex,
    hex_digits,
    hex_capitals,
    percent_twice,
    json_of_html,
]
