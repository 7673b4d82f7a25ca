"""Find operations and schemas in an OpenAPI 3.1 file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from assisters_verify.properties.violations import content_media_type, content_schema

_URI = "urn:contract"
_VERBS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
_KEYWORDS = {"contentMediaType": content_media_type, "contentSchema": content_schema}


def _is_plain_integer(_: TypeChecker, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_Ordinary: Any = extend(Draft202012Validator, _KEYWORDS)  # type: ignore[no-untyped-call]  # as the stubs have it
# 10.0 is an integer to JSON Schema, but not to every server.
_Plain: Any = extend(  # type: ignore[no-untyped-call]  # as the stubs have it
    _Ordinary, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_plain_integer)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One verb of one path. `pointer` is the JSON pointer of its definition."""

    method: str
    path: str
    pointer: str
    definition: Mapping[str, Any]
    parameters: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        """The operation as people say it: "POST /v1/embeddings"."""
        return f"{self.method} {self.path}"


class Contract:
    """An OpenAPI file with its references at hand."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.spec = spec
        resource = DRAFT202012.create_resource(dict(spec))
        self._registry: Registry[Any] = Registry().with_resource(_URI, resource)
        self._resolver = self._registry.resolver(_URI)

    def operation(self, name: str) -> Operation:
        """Return the operation of this name. Raises ValueError, which lists the names there are."""
        known = {operation.name: operation for operation in self._operations()}
        if name not in known:
            raise ValueError(f"no operation {name!r} in the OpenAPI file; it has {', '.join(known)}")
        return known[name]

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a reference stands for, and anything else as it is."""
        resolved = node
        while "$ref" in resolved:
            resolved = self._resolver.lookup(resolved["$ref"]).contents
        return resolved

    def validator(self, schema: Mapping[str, Any], *, is_plain: bool = False) -> Validator:
        """Return a validator of a schema of this file; a plain one takes 10.0 for no integer."""
        cls = _Plain if is_plain else _Ordinary
        validator: Validator = cls(
            _absolute(schema),
            registry=self._registry,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )
        return validator

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.spec["paths"].items():
            for verb in item:
                if verb in _VERBS:
                    yield self._read(path, verb)

    def _read(self, path: str, verb: str) -> Operation:
        item = self.spec["paths"][path]
        parameters = [self.resolve(node) for node in (*item.get("parameters", ()), *item[verb].get("parameters", ()))]
        pointer = f"/paths/{path.replace('~', '~0').replace('/', '~1')}/{verb}"
        return Operation(
            method=verb.upper(), path=path, pointer=pointer, definition=item[verb], parameters=tuple(parameters)
        )


def _absolute(node: Any) -> Any:
    """Return a part of the file with its own references made good outside of the file."""
    if isinstance(node, Mapping):
        return {key: _URI + child if key == "$ref" else _absolute(child) for key, child in node.items()}
    return [_absolute(child) for child in node] if isinstance(node, list) else node
