"""Reads the descriptions of vendors without code: a folder of YAML files, each named after its vendor."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from adapters.contract import Vendor
from adapters.generic import Description, described
from adapters.generic import check as check_description
from gateway.settings.files import invalid, issues_of, read_document
from gateway.settings.issues import ConfigInvalid, Fault, Issue
from gateway.settings.messages import faults_of
from gateway.settings.values import NAME

SUFFIX: Final = ".yaml"


def read_descriptions(
    folder: Path, vendors: Mapping[str, Vendor]
) -> tuple[Mapping[str, Vendor], list[Issue]]:
    """Return the described vendors by name, and everything that is wrong with their files.

    A folder that is not there describes none. `vendors` are those whose names are taken.
    """
    found: dict[str, Vendor] = {}
    issues: list[Issue] = []
    for path in sorted(folder.glob(f"[!.]*{SUFFIX}")):
        try:
            vendor = read_description(path)
        except ConfigInvalid as error:
            issues += error.issues
            continue
        if vendor.name in vendors:
            message = (
                f"the name {vendor.name!r} is taken by a vendor that is code; give the file another name"
            )
            issues.append(Issue(str(path), None, "", message))
        found[vendor.name] = vendor
    return found, issues


def read_description(path: Path) -> Vendor:
    """Return the vendor that a file describes.

    Raises:
        ConfigInvalid: the file cannot be used; every fault is named with its line and key.
    """
    document = read_document(path)
    if not isinstance(document.value, dict):
        raise invalid(path, "expected keys with values, such as title:, at the top of the file", 1)
    faults = [*document.faults]
    if path.suffix != SUFFIX or not NAME.fullmatch(path.stem):
        name = (
            "a vendor's file is named by a-z, 0-9 and -, begins with a letter or a digit, and ends in .yaml"
        )
        raise invalid(path, name)
    description: Description | None = None
    try:
        description = Description.model_validate(document.value)
    except ValidationError as error:
        faults += faults_of(error, Description)
    if description is not None:
        faults += [Fault(place, message) for place, message in check_description(description)]
    if faults or description is None:
        raise ConfigInvalid(issues_of(path, faults, document.lines))
    return described(path.stem, description)
