"""Parameters to offer: each with what a careless server gets wrong, and easy to satisfy for one that reads them."""

from typing import Any

from assisters_verify.contract.tool_offers import WEATHER, Offer
from assisters_verify.contract.toolcalls import function_tool

_AWKWARD = 'He said "yes" \\ no, <b>100 %</b>\nand left: ça, 北京, 🚀'


def _object(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), **more}


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}


_TABLE: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "required": (
        "book_flight", "Book a flight.", "Book a flight from Paris to London for Anna: call the function book_flight.",
        _object(
            {"origin": _text(), "destination": _text(), "passenger": _text(), "is_refundable": {"type": "boolean"}},
            "origin", "destination", "passenger", "is_refundable",
        ),
    ),
    "enum": (
        "set_thermostat", "Set the thermostat of a room.", "Set the thermostat of the kitchen: call set_thermostat.",
        _object(
            {
                "mode": _text(enum=["HeatOnly", "cool_only", "AUTO"]),
                "level": {"type": "integer", "enum": [10, 20, 30]},
                "note": {"enum": ["none yet", 0, None]},
            },
            "mode", "level", "note",
        ),
    ),
    "const": (
        "sign_document", "Sign a document.", "Sign the document: call the function sign_document.",
        _object({"version": {"const": "2026-11"}, "is_final": {"const": True}, "copies": {"const": 3}},
                "version", "is_final", "copies"),
    ),
    "integer": (
        "order_items", "Order items.", "Order 3 items: call the function order_items.",
        _object(
            {"quantity": {"type": "integer"}, "unit_price": {"type": "number"}, "is_gift": {"type": "boolean"}},
            "quantity", "unit_price", "is_gift",
        ),
    ),
    "bounds": (
        "reserve_hall", "Reserve a hall.", "Reserve a hall for a concert: call the function reserve_hall.",
        _object(
            {
                "seats": {"type": "integer", "minimum": 1500, "maximum": 9000, "multipleOf": 100},
                "rows": {"type": "integer", "exclusiveMinimum": 40, "exclusiveMaximum": 50},
                "title": _text(minLength=3, maxLength=40),
            },
            "seats", "rows", "title",
        ),
    ),
    "nested": (
        "ship_parcel", "Ship a parcel.", "Ship a parcel to Anna in Paris: call the function ship_parcel.",
        _object(
            {
                "recipient": _object(
                    {
                        "name": _text(),
                        "address": _object({"street": _text(), "number": {"type": "integer"}, "city": _text()},
                                           "street", "number", "city", additionalProperties=False),
                    },
                    "name", "address", additionalProperties=False,
                ),
                "is_fragile": {"type": "boolean"},
            },
            "recipient", "is_fragile", additionalProperties=False,
        ),
    ),
    "array": (
        "create_playlist", "Create a playlist.", "Create a playlist with a few songs: call create_playlist.",
        _object(
            {
                "songs": {"type": "array", "items": _object({"title": _text(), "seconds": {"type": "integer"}},
                                                            "title", "seconds"), "minItems": 2, "maxItems": 4},
                "ratings": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 5}, "minItems": 3},
            },
            "songs", "ratings",
        ),
    ),
    "any_of": (
        "file_report", "File a report.", "File a report about the broken lamp: call the function file_report.",
        _object(
            {
                "case": {"anyOf": [{"type": "integer", "minimum": 1000}, _text(minLength=3)]},
                "contact": {"anyOf": [_object({"room": {"type": "integer"}}, "room"), {"type": "null"}]},
                "remark": {"type": ["string", "null"]},
            },
            "case", "contact", "remark",
        ),
    ),
    "pattern": (
        "register_part", "Register a spare part.", "Register a spare part, a red valve: call register_part.",
        _object(
            {
                "part": _text(pattern="^[A-Z]{2}-[0-9]{4}$"),
                "colour": _text(pattern="^#[0-9a-f]{6}$"),
                "postcode": _text(pattern="^[0-9]{5}$"),
            },
            "part", "colour", "postcode",
        ),
    ),
    "reference": (
        "plan_route", "Plan a route.", "Plan a route from Paris to London: call the function plan_route.",
        {
            **_object({"start": {"$ref": "#/$defs/stop"}, "end": {"$ref": "#/$defs/stop"}}, "start", "end"),
            "$defs": {"stop": _object({"city": _text(), "minutes": {"type": "integer", "minimum": 5}},
                                      "city", "minutes")},
        },
    ),
    "awkward_text": (
        "store_quote", "Store the quote.", "Store the quote: call the function store_quote.",
        _object({"quote": {"const": _AWKWARD}, "language": _text(enum=["français", "中文"])}, "quote", "language"),
    ),
    "nothing": (
        "ring_bell", "Ring the bell. It takes no arguments.", "Ring the bell: call the function ring_bell.",
        _object({}, additionalProperties=False),
    ),
}  # fmt: skip

OFFERS: dict[str, Offer] = {
    "documented": WEATHER,
    **{
        kind: Offer(name=f"{name} ({kind})", prompt=prompt, tools=(function_tool(name, description, parameters),))
        for kind, (name, description, prompt, parameters) in _TABLE.items()
    },
}

_SEVERAL = (
    function_tool("get_weather", "Get current weather for a location.", _object({"location": _text()}, "location")),
    function_tool(
        "sendMessage2", "Send a message to somebody.", _object({"to": _text(), "urgency": _text(enum=["low", "high"])},
                                                               "to", "urgency")
    ),
    function_tool("ROLL_dice", "Roll some dice.", _object({"count": {"type": "integer", "minimum": 2}}, "count")),
)  # fmt: skip
# The same three tools, asked for one after the other: the first of the list, the middle one and the last.
SEVERAL_OFFERS: tuple[Offer, ...] = tuple(
    Offer(name=f"three tools, asking for {name}", prompt=prompt, tools=_SEVERAL)
    for name, prompt in (
        ("get_weather", "Get the weather in Paris: call the function get_weather."),
        ("sendMessage2", "Send Anna the message that lunch is ready: call the function sendMessage2."),
        ("ROLL_dice", "Roll 3 dice: call the function ROLL_dice."),
    )
)
