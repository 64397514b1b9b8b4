"""The HTTP API: routes of typed values, one service call each."""
