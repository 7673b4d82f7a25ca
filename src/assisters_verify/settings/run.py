"""Everything that a run is told, as one frozen object that also reaches the process in which the checks run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from assisters_verify.settings.base_url import parse_base_url
from assisters_verify.settings.options import RunOptions
from assisters_verify.settings.secrets import Secrets
from assisters_verify.settings.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """The settings of one run. `is_embedded` says that the target is the suite's own server."""

    target: Target = field(default_factory=Target)
    options: RunOptions = field(default_factory=RunOptions)
    secrets: Secrets = field(default_factory=Secrets)
    is_embedded: bool = False

    def with_server(self, base_url: str, secrets: Secrets) -> Self:
        """Return the same settings for a server that has been started here, with the keys that it takes."""
        target = self.target.model_copy(update={"base_url": parse_base_url(base_url)})
        return replace(self, target=target, secrets=secrets)

    def with_options(self, options: Mapping[str, object]) -> Self:
        """Return the same settings with these options of the command line."""
        return replace(self, options=RunOptions.model_validate(options))

    def to_json(self) -> str:
        """Return the settings as JSON, without the secrets."""
        return json.dumps(
            {
                "target": self.target.model_dump(mode="json"),
                "options": self.options.model_dump(mode="json"),
                "is_embedded": self.is_embedded,
            }
        )

    @classmethod
    def from_json(cls, text: str, secrets: Secrets) -> Self:
        """Return the settings that `to_json` was made from."""
        value = json.loads(text)
        return cls(
            target=Target.model_validate(value["target"]),
            options=RunOptions.model_validate(value["options"]),
            secrets=secrets,
            is_embedded=value["is_embedded"],
        )
