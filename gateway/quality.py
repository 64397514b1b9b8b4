"""Preferences in request headers: lists of ranges with weights (RFC 9110 section 12.4)."""


def weight(header: str, *ranges: str) -> float:
    """Return the weight, from 0 to 1, that a header gives to the most specific of some ranges; 0 for none of them.

    Args:
        header: such as `gzip;q=0.5, *`.
        ranges: in lower case, the most specific first.
    """
    found = (len(ranges), 0.0)
    for member in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in member.split(";"))
        if name in ranges:
            place = ranges.index(name)
            # The most specific counts; of several as specific the one liked best.
            if place < found[0]:
                found = (place, _quality(parameters))
            elif place == found[0]:
                found = (place, max(found[1], _quality(parameters)))
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
