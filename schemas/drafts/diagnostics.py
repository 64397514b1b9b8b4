"""The draft of a diagnostic."""

from typing import Required, TypedDict

from schemas.diagnostics import DiagnosticCode, Severity


class DiagnosticDraft(TypedDict, total=False):
    """See `schemas.diagnostics.Diagnostic`."""

    code: Required[DiagnosticCode]
    severity: Required[Severity]
    path: Required[str]
    message: Required[str]
