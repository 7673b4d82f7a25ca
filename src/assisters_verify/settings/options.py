"""What the command line says about a run, apart from what it says about the target."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field

from assisters_verify.settings.target import Count, Form


class Profile(StrEnum):
    """How much of the documentation is checked."""

    CORE = "core"
    FULL = "full"


class RunOptions(Form):
    """How the checks are chosen and run."""

    profile: Profile = Field(default=Profile.FULL, description="How much is checked.")
    areas: tuple[str, ...] = Field(default=(), description="Areas to check, instead of the profile's.")
    clauses: tuple[str, ...] = Field(default=(), description="Clauses to check, together with those of `areas`.")
    strict: bool = Field(default=False, description="Whether warnings and undecided musts give exit status 1.")
    plan: bool = Field(
        default=False, description="Whether to say what would be sent, created and spent, and send nothing."
    )
    seed: int = Field(default=0, ge=0, description="Seed of all generated data. The same seed sends the same requests.")
    examples: Count = Field(default=20, description="Generated examples for each operation.")
    extra_checks: Path | None = Field(
        default=None, description="Folder of checks of one's own, with a `clauses.yaml` beside them."
    )
    report_dir: Path = Field(
        default=Path("assisters-verify-report"), description="Folder that the reports are written into."
    )
    allow_burst: bool = Field(
        default=False, description="Whether a target off loopback may get bursts past its rate limit."
    )
    allow_plain_http: bool = Field(
        default=False, description="Whether a target off loopback may get the key unencrypted."
    )
