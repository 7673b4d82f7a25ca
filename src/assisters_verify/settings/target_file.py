"""Read a target file, and say in one line what is wrong with one that cannot be used."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from assisters_verify.settings.errors import SettingsError, describe_problems
from assisters_verify.settings.target import Target

_REMEDY = "See target.example.yaml."
_GIVEN_TWICE = "gives a setting a second time"
_NO_NAME = "holds a name that is no text"
_PATHS = (("api_key_file",), ("second_api_key_file",), ("ca_file",), ("webhook", "secret_file"))


class _Loader(yaml.SafeLoader):
    """Safe YAML that also refuses a key given twice, of which the last would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is None or name in seen:
                problem = _NO_NAME if name is None else _GIVEN_TWICE
                raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


def read_target_file(path: Path) -> Target:
    """Return what the file says. Its relative paths start from its own folder. Raises SettingsError."""
    content = _read_yaml(path)
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise SettingsError(f"cannot use {path.name}: it is no list of settings with values. {_REMEDY}")
    for place in _PATHS:
        _start_from(path.parent, content, place)
    try:
        return Target.model_validate(content)
    except ValidationError as error:
        problems = describe_problems(error, known_names(Target)).rstrip(".")
        raise SettingsError(f"cannot use {path.name}: {problems}. {_REMEDY}") from None


def known_names(form: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """Return the names of a form's settings, and under their dotted places those of the forms inside it."""
    names = {"": tuple(form.model_fields)}
    for name, field in form.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names[name] = tuple(field.annotation.model_fields)
    return names


def _read_yaml(path: Path) -> object:
    # A parser's own message quotes the text, which may hold a secret: only the line's number is passed on.
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)  # noqa: S506 - it derives from SafeLoader
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}. {_REMEDY}") from error
    except yaml.constructor.ConstructorError as error:
        problem = error.problem if error.problem in {_GIVEN_TWICE, _NO_NAME} else "holds a value of an unknown kind"
        raise SettingsError(f"cannot read {path.name}: {_line(error)} {problem}. {_REMEDY}") from None
    except yaml.MarkedYAMLError as error:
        raise SettingsError(f"cannot read {path.name}: {_line(error)} is not YAML. {_REMEDY}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SettingsError(f"cannot read {path.name}: it is not YAML in UTF-8. {_REMEDY}") from None


def _line(error: yaml.MarkedYAMLError) -> str:
    return f"line {error.problem_mark.line + 1}" if error.problem_mark else "it"


def _start_from(folder: Path, content: Mapping[str, Any], place: tuple[str, ...]) -> None:
    *above, name = place
    part: Any = content
    for key in above:
        part = part.get(key) if isinstance(part, dict) else None
    if isinstance(part, dict) and isinstance(part.get(name), str):
        part[name] = str(folder / part[name])
