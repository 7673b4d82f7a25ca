"""Write a target file to start from: every setting with what it is for, those that are known filled in."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from assisters_verify.settings.target import Target

_WIDTH = 118
_HEAD = """\
# A target file: what only you can tell about a server. Give it with --target. What is commented out is the default, or
# an example; what stands on the command line wins. Relative paths start from this file's folder. No secret stands here:
# keys are in environment variables, or in files of their own."""


def write_target_text(known: Mapping[str, Any], notes: Mapping[str, str] | None = None) -> str:
    """Return the text of a target file. `known` holds values by dotted name; `notes` what was seen about a setting."""
    blocks = [_HEAD, *_settings(Target, known, notes or {}, place="")]
    return "\n\n".join(blocks) + "\n"


def _settings(
    form: type[BaseModel], known: Mapping[str, Any], notes: Mapping[str, str], *, place: str
) -> Iterator[str]:
    for name, field in form.model_fields.items():
        dotted = f"{place}{name}"
        comment = _comment(field, notes.get(dotted, ""))
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            parts = list(_settings(inner, known, notes, place=f"{dotted}."))
            is_known = any(key.startswith(f"{dotted}.") for key in known)
            yield f"{comment}\n{'' if is_known else '# '}{name}:\n" + "\n".join(_indented(part) for part in parts)
        elif dotted in known:
            yield f"{comment}\n{_line(name, known[dotted])}"
        else:
            yield f"{comment}\n# {_line(name, field.default)}"


def _comment(field: FieldInfo, note: str) -> str:
    words = [field.description or "", *([f"Seen: {note}"] if note else [])]
    wrapped = (textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="#   ") for text in words)
    return "\n".join(line for lines in wrapped for line in lines)


def _line(name: str, value: Any) -> str:
    if value is None:
        return f"{name}:"
    plain = list(value) if isinstance(value, tuple) else value
    shown = yaml.safe_dump(plain, default_flow_style=True, width=10_000).strip().removesuffix("...").strip()
    return f"{name}: {shown}"


def _indented(block: str) -> str:
    return textwrap.indent(block, "  ")
