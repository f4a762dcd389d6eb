"""What an owner says of an upload, as it is typed and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from afterword.core import urls
from afterword.core.errors import BadUrl
from afterword.core.i18n import _
from afterword.transfer import formats, rules
from afterword.transfer.reading import BadFile
from afterword.transfer.run import Choices


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A format and what ``transfer.run.Choices`` takes, as texts; lists are one a line."""

    format: str = formats.AUTO
    origins: str = ""
    table: str = ""
    owners: str = ""
    project: str = ""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """From the values of ``kept`` that have a name here; all are texts."""
        return cls(**{name: str(kept[name]) for name in cls.__annotations__ if name in kept})

    def kept(self) -> dict[str, str]:
        """The values as JSON takes them."""
        return asdict(self)

    def wrong(self) -> dict[str, str]:
        """What is wrong with each, so that all can be mended at once."""
        found = {}
        if self.format not in {formats.AUTO, *formats.IMPORTERS}:
            found["format"] = _("There is no such format.")
        for origin in _lines(self.origins):
            try:
                urls.origin(origin)
            except BadUrl:
                found["origins"] = _(
                    "%(origin)s is no address like https://old.example.", origin=origin[:80]
                )
        try:
            rules.read(self.table.splitlines())
        except BadFile as error:
            found["table"] = _("Not kept: %(why)s.", why=error)
        return found

    def choices(self) -> Choices:
        """What ``transfer.run`` takes. Raises BadFile where ``wrong`` says something."""
        return Choices(
            site_origins=_lines(self.origins),
            rules=rules.read(self.table.splitlines()),
            owners=_lines(self.owners),
            project=self.project.strip() or None,
        )


def _lines(text: str) -> Sequence[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
