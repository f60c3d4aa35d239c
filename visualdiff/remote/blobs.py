"""What Azure's driver is told about a blob, in words of the package below it."""

from typing import Any


def tell_type(kind: str) -> dict[str, Any]:
    """Return the type that a blob is to have."""
    from azure.storage.blob import ContentSettings  # noqa: PLC0415 - of an extra

    return {"content_settings": ContentSettings(content_type=kind)}


def tell_version(version: str) -> dict[str, Any]:
    """Return that a blob is to be written if it is of a version yet."""
    from azure.core import MatchConditions  # noqa: PLC0415 - of an extra

    return {"etag": f'"{version}"', "match_condition": MatchConditions.IfNotModified}
