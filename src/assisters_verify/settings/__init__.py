"""What a run is told: target file, environment and command line, merged into one frozen object."""

from assisters_verify.settings.base_url import BaseUrl, parse_base_url
from assisters_verify.settings.errors import SettingsError
from assisters_verify.settings.loading import load_settings
from assisters_verify.settings.options import Profile, RunOptions
from assisters_verify.settings.run import RunSettings
from assisters_verify.settings.secrets import Secrets
from assisters_verify.settings.selection import select_clauses
from assisters_verify.settings.target import Budget, Models, RateLimit, Target, Webhook

__all__ = [
    "BaseUrl",
    "Budget",
    "Models",
    "Profile",
    "RateLimit",
    "RunOptions",
    "RunSettings",
    "Secrets",
    "SettingsError",
    "Target",
    "Webhook",
    "load_settings",
    "parse_base_url",
    "select_clauses",
]
