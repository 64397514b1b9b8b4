"""Which form of a graph is wanted (RFC 9110 section 12.5.1)."""

from enum import StrEnum

from gateway.errors import NotAcceptable
from gateway.quality import weight


class GraphFormat(StrEnum):
    """The forms a graph can be given in."""

    JSON = "json"
    MERMAID = "mermaid"
    DOT = "dot"

    @property
    def media_type(self) -> str:
        """Return the IANA media type."""
        types = {"json": "application/json", "mermaid": "text/vnd.mermaid", "dot": "text/vnd.graphviz"}
        return types[self.value]


def graph_format(accept: str | None) -> GraphFormat:
    """Return the form that an `Accept` header likes best; JSON without one.

    Raises:
        NotAcceptable: the header allows none of the forms.
    """
    if accept is None or not accept.strip():
        return GraphFormat.JSON
    weights = {form: _weight(accept, form.media_type) for form in GraphFormat}
    best = max(weights, key=lambda form: weights[form])
    if weights[best] <= 0:
        offered = ", ".join(form.media_type for form in GraphFormat)
        raise NotAcceptable(f"none of the accepted media types can be given; there are: {offered}")
    return best


def _weight(accept: str, media_type: str) -> float:
    kind = media_type.partition("/")[0]
    return weight(accept, media_type, f"{kind}/*", "*/*")
