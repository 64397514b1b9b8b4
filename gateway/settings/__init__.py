"""The gateway's configuration: one YAML file, checked as a whole before anything starts."""

from gateway.settings.access import (
    AuditSettings,
    CallerLimitSettings,
    CallerSettings,
    CorsSettings,
    RetiringKeySettings,
)
from gateway.settings.credentials import SHARED_PASSWORD, SHARED_URL, read_credentials
from gateway.settings.descriptions import read_description, read_descriptions
from gateway.settings.issues import ConfigInvalid, Issue
from gateway.settings.loading import load, load_with_vendors, vendors_beside
from gateway.settings.models import (
    CacheSettings,
    CacheTimes,
    ConnectionSettings,
    LimitSettings,
    PassthroughSettings,
    ServerSettings,
    Settings,
    SharedCacheSettings,
    TracingSettings,
)
from gateway.settings.showing import masked
from gateway.settings.waiting import held_back, ports

__all__ = [
    "SHARED_PASSWORD",
    "SHARED_URL",
    "AuditSettings",
    "CacheSettings",
    "CacheTimes",
    "CallerLimitSettings",
    "CallerSettings",
    "ConfigInvalid",
    "ConnectionSettings",
    "CorsSettings",
    "Issue",
    "LimitSettings",
    "PassthroughSettings",
    "RetiringKeySettings",
    "ServerSettings",
    "Settings",
    "SharedCacheSettings",
    "TracingSettings",
    "held_back",
    "load",
    "load_with_vendors",
    "masked",
    "ports",
    "read_credentials",
    "read_description",
    "read_descriptions",
    "vendors_beside",
]
