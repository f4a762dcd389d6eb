"""Staticman: one YAML or JSON file a comment, in a folder a page, as an archive of them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Container, Iterator
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import yaml

from afterword.transfer import moments
from afterword.transfer.reading import BadFile, position
from afterword.transfer.reading.fields import Fields, address
from afterword.transfer.reading.json import storable
from afterword.transfer.record import CommentRecord, Record
from afterword.transfer.sniff import Sample

MOST_BYTES = 1024 * 1024  # of one comment's file
MOST_OF_PAGE = 64 * 1024 * 1024
_ALL = "comments"  # the folder in which each page has its own
_HOST = re.compile(r"[a-z]+://[^/]*", re.I)
_MOST_DEEP = 32  # so many folders below one another are compared
_ROOTS = {"", "0"}  # what forms send for an answer to nobody
_ANSWERED = ("reply_to", "parent_id", "replying_to")
_SUFFIXES = {".yml", ".yaml", ".json"}


class _Plain(yaml.SafeLoader):
    """YAML as comments are written in. Of a value that is said again and again a few lines make
    more than any memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="it repeats a value by name", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        """A date, as text where no calendar has it: that costs a comment its date and no more."""
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            return node.value


_Plain.add_constructor("tag:yaml.org,2002:timestamp", _Plain.construct_yaml_timestamp)
# Whoever comments “Yes” or “12:30”, or is called 007, said neither true nor 750 nor 7.
_NO_TEXTS = {f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "float")}
_Plain.yaml_implicit_resolvers = {
    begin: [(tag, shape) for tag, shape in known if tag not in _NO_TEXTS]
    for begin, known in _Plain.yaml_implicit_resolvers.items()
}


class Staticman:
    """A folder is a page's slug; where pages live, ``_parent`` or the owner's map says."""

    name = "staticman"
    lineage = "staticman"

    def detects(self, sample: Sample) -> bool:
        return any(PurePosixPath(name).suffix.lower() in _SUFFIXES for name in sample.members)

    def records(self, file: BinaryIO) -> Iterator[Record]:
        try:
            with zipfile.ZipFile(file) as archive:
                folders: dict[PurePosixPath, list[PurePosixPath]] = {}
                for name in map(PurePosixPath, sorted(archive.namelist())):
                    if name.suffix.lower() in _SUFFIXES and not name.name.startswith("."):
                        folders.setdefault(name.parent, []).append(name)
                slugs = set(map(_slug, folders))
                for folder, names in folders.items():
                    if sum(archive.getinfo(str(one)).file_size for one in names) > MOST_OF_PAGE:
                        raise BadFile(f"{folder}: larger than the comments of a page can be")
                    yield from _page(
                        folder, [(name, _read(archive, name)) for name in names], slugs=slugs
                    )
        except zipfile.BadZipFile:
            raise BadFile(
                "This is no archive of files. Give the folder of comments, or a zip of it."
            ) from None


def _read(archive: zipfile.ZipFile, name: PurePosixPath) -> Fields:
    with archive.open(str(name)) as packed:
        written = packed.read(MOST_BYTES + 1)
    if len(written) > MOST_BYTES:
        raise BadFile(f"{name}: larger than a comment can be")
    try:
        said = storable(_said(written, is_json=name.suffix.lower() == ".json"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadFile(_fault(name, written, error)) from None
    if not isinstance(said, dict):
        place = position.START
        raise BadFile(f"{name}, {place}: not a comment, which has fields with names")
    return Fields(said)


def _fault(name: PurePosixPath, written: bytes, error: Exception) -> str:
    """What is wrong with a file, and where as far as its reader knows."""
    place, why = position.not_utf_8(io.BytesIO(written)), "not UTF-8"
    if place is None:
        place, why = _place(written, error)
    at = f", {place}" if place else ""
    return f"{name}{at}: not well-formed ({why})"


def _place(written: bytes, error: Exception) -> tuple[position.Position | None, str]:
    match error:
        case json.JSONDecodeError():
            return position.Position(error.lineno, error.colno), error.msg
        case yaml.MarkedYAMLError(problem_mark=yaml.Mark() as mark):
            return position.Position(mark.line + 1, mark.column + 1), str(error.problem)
        case yaml.reader.ReaderError():
            before = written.decode()[: error.position].removeprefix("\ufeff")
            return position.START.after(before.encode()), error.reason
        case RecursionError():
            return None, "nested too deeply"
    return None, str(error)


def _said(written: bytes, *, is_json: bool) -> Any:
    """What a file says. JSON is not YAML: tabs may indent it, and two escapes may be one letter."""
    if is_json:
        return json.loads(written)
    return yaml.load(written, _Plain)  # noqa: S506 - a safe one


def _page(
    folder: PurePosixPath,
    comments: list[tuple[PurePosixPath, Fields]],
    *,
    slugs: Container[str],
) -> Iterator[CommentRecord]:
    """The comments of a page. Some answer another by its place among those that answer none."""
    slug = _slug(folder)
    ids = {name: said.text("_id") or f"{slug}/{name.name}" for name, said in comments}
    roots = [ids[name] for name, said in comments if _answered(said) is None]
    for name, said in comments:
        yield CommentRecord(
            at=str(name),
            id=ids[name],
            page_url=_address(slug, said.text("_parent"), slugs=slugs),
            parent=_parent(said, roots),
            text=said.words("message", "body", "comment"),
            created=moments.read(said.raw("date", "timestamp")),
            name=said.text("name"),
            email=address(said.text("email")),
            website=said.text("url", "website") or None,
        )


def _slug(folder: PurePosixPath) -> str:
    """A page's path below the folder of all comments; its name alone where none is called so."""
    parts = folder.parts
    below = parts[parts.index(_ALL) + 1 :] if _ALL in parts else ()
    return "/".join(below) or folder.name


def _answered(said: Fields) -> str | None:
    """The id or the place of the comment that one answers."""
    return next((one for one in map(said.text, _ANSWERED) if one not in _ROOTS), None)


def _parent(said: Fields, roots: list[str]) -> str | None:
    place = said.number("replying_to")
    return roots[place - 1] if 0 < place <= len(roots) else _answered(said)


def _address(slug: str, parent: str, *, slugs: Container[str]) -> str:
    """The page's address where the comment says it, and calls the page as its folder does: forms
    send any address. Not where that is the address of another folder."""
    is_address = parent.startswith("/") or "://" in parent
    said = [one for one in _HOST.sub("", parent, count=1).split("/") if one]
    deepest = range(max(len(said) - _MOST_DEEP, 0), len(said))
    ends = ["/".join(said[place:]) for place in deepest]  # the longest first
    is_own = slug == next((one for one in ends if one in slugs), slug)
    if is_address and is_own and said[-1:] == [PurePosixPath(slug).name]:
        return parent
    return f"/{slug}"
