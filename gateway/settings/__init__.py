"""The gateway's configuration: one YAML file, checked as a whole before anything starts."""

from gateway.settings.credentials import read_credentials
from gateway.settings.issues import ConfigInvalid, Issue
from gateway.settings.loading import load
from gateway.settings.models import (
    CacheSettings,
    CacheTimes,
    CallerSettings,
    ConnectionSettings,
    LimitSettings,
    ServerSettings,
    Settings,
)
from gateway.settings.showing import masked

__all__ = [
    "CacheSettings",
    "CacheTimes",
    "CallerSettings",
    "ConfigInvalid",
    "ConnectionSettings",
    "Issue",
    "LimitSettings",
    "ServerSettings",
    "Settings",
    "load",
    "masked",
    "read_credentials",
]
