"""What was odd in a native document, and what a translation could not carry."""

from enum import StrEnum

from pydantic import Field

from schemas.base import CanonicalModel


class Severity(StrEnum):
    """How much a diagnostic or a loss matters."""

    INFO = "info"
    """Worth knowing; the canonical form is whole."""
    WARNING = "warning"
    """The canonical form holds an interpretation, or a part of it is missing."""
    ERROR = "error"
    """A part could not be read or carried at all."""


class DiagnosticCode(StrEnum):
    """The kinds of oddity a native document can show."""

    MISSING_FIELD = "missing_field"
    """A field the vendor's document calls required is absent or null."""
    WRONG_TYPE = "wrong_type"
    """A field holds another JSON type than documented; a lossless reading was used where there is one."""
    UNREADABLE_TIME = "unreadable_time"
    """A time that is neither of the vendor's documented form nor any other we read."""
    UNKNOWN_VALUE = "unknown_value"
    """A value outside the vendor's documented enumeration; kept as the vendor's own word."""
    CONTRADICTION = "contradiction"
    """Two parts of the document disagree, or the field has another name than documented."""
    EMPTY_DEFINITION = "empty_definition"
    """The definition has no content."""
    OPAQUE_DEFINITION = "opaque_definition"
    """The definition has content in no shape we recognise; it is kept verbatim and not read as a graph."""
    MISSING_NODE_ID = "missing_node_id"
    """A node has no id."""
    MISSING_NODE_NAME = "missing_node_name"
    """A node has no name where the vendor addresses nodes by name."""
    DUPLICATE_NODE_ID = "duplicate_node_id"
    """Two nodes share an id."""
    DUPLICATE_NODE_NAME = "duplicate_node_name"
    """Two nodes share a name where the vendor addresses nodes by name."""
    DANGLING_EDGE = "dangling_edge"
    """An edge starts or ends at a node that is not there."""
    DANGLING_REFERENCE = "dangling_reference"
    """A reference inside a configuration, a dependency or a container names a node that is not there."""
    UNREADABLE_PART = "unreadable_part"
    """A part (node, edge, port, setting) has a shape that cannot be read; it is in the native document."""


class Diagnostic(CanonicalModel):
    """Something odd in a native document: reported, never fatal."""

    code: DiagnosticCode
    severity: Severity
    path: str
    """JSON Pointer (RFC 6901) into the native document; empty for the whole of it."""
    message: str
    """One sentence for a person."""


class Loss(CanonicalModel):
    """Something a translation from canonical to native could not carry."""

    path: str
    """JSON Pointer (RFC 6901) into the canonical document."""
    reason: str
    """One sentence for a person."""
    severity: Severity = Field(default=Severity.WARNING)
