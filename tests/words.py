"""What the service says: gathered from its sources, into the catalogues by ``make words``."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from afterword.core import i18n

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "service"
METHODS = [("afterword/**.py", "python"), ("afterword/**/templates/**", "jinja2")]
OPTIONS = {"afterword/**/templates/**": {"trimmed": "true"}}
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "n_": (1, 2),
    "forms": (1, 2),
    "pgettext": ((1, "c"), 2),
    "NC_": ((1, "c"), 2),
    "stored": ((1, "c"), 2),
    "_option": (2,),
}
WIDTH = 100


@cache
def messages() -> Catalog:
    """All that is marked to be translated, with the files that say it."""
    catalogue = Catalog(project="Afterword", charset="utf-8")
    found = extract_from_dir(
        SOURCE,
        method_map=METHODS,
        options_map=OPTIONS,
        keywords=KEYWORDS,
        comment_tags=("For translators:",),
        strip_comment_tags=True,
    )
    for file, _line, message, comments, context in found:
        # Without line numbers: these would change with every edit of a file.
        catalogue.add(message, None, [(file, None)], auto_comments=comments, context=context)
    return catalogue


def gather(code: str) -> Catalog:
    """The catalogue of a language, with all messages there are and no others."""
    catalogue = i18n.catalogue(code)
    catalogue.update(messages(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def write(code: str, catalogue: Catalog) -> None:
    """Put a catalogue into its file, whose head stays as it is."""
    file = i18n.FOLDER / f"{code}.po"
    head, _, _ = file.read_text().partition("\n\n")
    body = BytesIO()
    write_po(body, catalogue, width=WIDTH, omit_header=True, sort_by_file=True)
    file.write_text(f"{head}\n\n{body.getvalue().decode()}")


def main() -> None:
    """Write every catalogue anew; say what is left to translate."""
    for code in i18n.LANGUAGES:
        if code == i18n.ENGLISH.code:
            continue
        catalogue = gather(code)
        write(code, catalogue)
        missing = sum(1 for message in catalogue if message.id and not _is_said(message.string))
        print(f"{code}: {len(catalogue)} messages, {missing} to translate")


def _is_said(translation: str | tuple[str, ...]) -> bool:
    return all(translation) if isinstance(translation, tuple) else bool(translation)


if __name__ == "__main__":
    main()
