"""Read YAML that people wrote: safely, no name twice, and what is wrong told without quoting the text."""

from pathlib import Path
from typing import Any

import yaml

from assisters_verify.settings.errors import SettingsError

_GIVEN_TWICE = "gives a setting a second time"
_NO_NAME = "holds a name that is no text"


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


def read_yaml(path: Path, *, remedy: str) -> object:
    """Return what the file holds. Raises SettingsError, which ends with the remedy."""
    # A parser's own message quotes the text, which may hold a secret: only the line's number is passed on.
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)  # noqa: S506 - it derives from SafeLoader
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}. {remedy}") from error
    except yaml.constructor.ConstructorError as error:
        problem = error.problem if error.problem in {_GIVEN_TWICE, _NO_NAME} else "holds a value of an unknown kind"
        raise SettingsError(f"cannot read {path.name}: {_line(error)} {problem}. {remedy}") from None
    except yaml.MarkedYAMLError as error:
        raise SettingsError(f"cannot read {path.name}: {_line(error)} is not YAML. {remedy}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SettingsError(f"cannot read {path.name}: it is not YAML in UTF-8. {remedy}") from None


def _line(error: yaml.MarkedYAMLError) -> str:
    return f"line {error.problem_mark.line + 1}" if error.problem_mark else "it"
