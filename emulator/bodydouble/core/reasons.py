"""Why a job failed, in neutral words."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Each provider has its own text for each of these."""

    PROVIDER_ERROR = "provider_error"
    MODERATED = "moderated"
    TIMEOUT = "timeout"
    BAD_INPUT = "bad_input"
