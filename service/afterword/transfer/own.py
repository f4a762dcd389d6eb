"""What marks a page in files of other systems' formats that we wrote: others look past it."""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "urn:afterword"
# The attribute with the id of a page that has one. It is surer than the page's address, which
# several may share; in the files of others what stands for an id is not.
PAGE_ID: Final = f"{{{NAMESPACE}}}page_id"


def page_id(key: str) -> str | None:
    """The own id of the page with this key; None where it has none."""
    return key.removeprefix("id:") if key.startswith("id:") else None
