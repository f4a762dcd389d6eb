"""The beginning of an XML file, whose root is made to declare what it left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from afterword.transfer.reading.position import BOM, START, Position

_ROOT = re.compile(rb"<[A-Za-z][^\s/>]*")
# Exports that were cut by hand lack the declarations of prefixes that they use.
_USUAL = {
    b"gd": b"http://schemas.google.com/g/2005",
    b"thr": b"http://purl.org/syndication/thread/1.0",
    b"app": b"http://www.w3.org/2007/app",
    b"openSearch": b"http://a9.com/-/spec/opensearchrss/1.0/",
    b"georss": b"http://www.georss.org/georss",
    b"media": b"http://search.yahoo.com/mrss/",
    b"blogger": b"http://schemas.google.com/blogger/2018",
    b"content": b"http://purl.org/rss/1.0/modules/content/",
    b"excerpt": b"http://wordpress.org/export/1.2/excerpt/",
    b"dc": b"http://purl.org/dc/elements/1.1/",
    b"wfw": b"http://wellformedweb.org/CommentAPI/",
    b"wp": b"http://wordpress.org/export/1.2/",
    b"dsq": b"http://disqus.com/disqus-internals",
}


@dataclass(frozen=True)
class Changes:
    """Where a file begins after the blanks that were taken away, and where how many letters were
    put in: what a parser says of places is not yet what stands in the file."""

    begin: Position = START
    root: Position = START
    many: int = 0

    def place(self, line: int, column: int) -> Position:
        """A place in the file, by what the parser takes for it."""
        if line == self.root.line and column > self.root.column:
            column = max(column - self.many, self.root.column)
        if line == 1:
            column += self.begin.column - 1
        return Position(line + self.begin.line - 1, column)


def declaring(start: bytes) -> tuple[bytes, Changes]:
    """The start of a file with what its root lacks, and how it was changed."""
    start = start.removeprefix(BOM)
    cut = start.lstrip()
    begin = START.after(start[: len(start) - len(cut)])
    root = _ROOT.search(cut)
    if root is None:
        return cut, Changes(begin)
    said = cut[root.end() : cut.find(b">", root.end())]
    lacking = b"".join(
        b' xmlns:%s="%s"' % (prefix, name)
        for prefix, name in _USUAL.items()
        if b"xmlns:" + prefix + b"=" not in said
    )
    before = cut[: root.end()]
    return before + lacking + cut[root.end() :], Changes(begin, START.after(before), len(lacking))
