"""What all parts of the configuration have in common."""

from pydantic import BaseModel, ConfigDict


class SettingsModel(BaseModel):
    """A frozen part of the configuration; unknown keys are refused, and no value is bent into another type."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
    )


def empty_mapping(value: object) -> object:
    """Read a section without content, as in `server:` with only comments below, as one with every default."""
    return {} if value is None else value


def empty_list(value: object) -> object:
    """Read a list without content as an empty one."""
    return () if value is None else value
