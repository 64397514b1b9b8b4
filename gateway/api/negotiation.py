"""Which form of a graph is wanted (RFC 9110 section 12.5.1)."""

from enum import StrEnum

from gateway.errors import NotAcceptable


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
    """Return the quality that the most specific matching range of an `Accept` header gives to a type."""
    kind = media_type.partition("/")[0]
    ranked = {media_type: 3, f"{kind}/*": 2, "*/*": 1}
    found = (0, 0.0)
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        found = max(found, (ranked.get(name, 0), _quality(parameters) if name in ranked else 0.0))
    return found[1]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
