"""Write the generated pages anew, from what the code itself says: ``make docs``.

``tests/test_docs.py`` fails when a page is not what this would write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import click

from afterword.cli import cli
from afterword.core import config
from afterword.core.config import Settings
from afterword.sites import options, texts

HERE = Path(__file__).parent
NOTE = (
    "<!-- Written by docs/generate.py from the code: change the code, then run `make docs`. -->\n"
)

CONFIGURE = """\
# Configure

There are two places. **Settings** are for whoever runs the service: environment variables, read
at the start. **Options** are for whoever owns a blog: each site has its own, they are changed
while the service runs, on the *Sites* page of the desk or by `afterword sites set`.

Nothing has to be set to try Afterword. For a blog on the web, set `AFTERWORD_PUBLIC_URL`, and
`AFTERWORD_TRUSTED_PROXIES` when a proxy stands in front ([Install](install.md#behind-a-proxy)).

## Settings

A wrong value, or a variable that begins with `AFTERWORD_` and is none of these, stops the start
with a sentence that says what is wrong.

{settings}

Those marked *secret* can also be read from a file: put `_FILE` behind the name and give the
file's path, for example `AFTERWORD_SECRET_KEYS_FILE=/run/secrets/afterword`.

## Options of a site

```sh
afterword sites set blog.example policy=hold-first max_links=1
```

A site is named by its key, which `afterword sites list` shows, or by any of its addresses. A
running service follows within a second.

{options}
"""

COMMANDS = """\
# Commands

Every command reads the same [settings](configure.md) as the service, so run it with the same
environment, as the same user. In a container: `docker compose exec afterword afterword ...`

A command ends with 0 when it did its work, with 1 when it could not (one sentence on standard
error says why), and with 2 when it was called wrongly. `--help` behind any command explains it.

{commands}"""

SENTENCES = """\
# The widget's sentences

What you say otherwise is said in every language: on the site's page of the desk under *Look and
words*, or by the option `texts`, a JSON object of keys and sentences. What stands in braces is
filled in, and may be left out. A sentence that counts something is one sentence, or one for each
of the plural's categories (`one`, `other` and what the language has besides).

```sh
afterword sites set blog.example 'texts={{"empty": "Say hello.", "send_comment": "Post"}}'
```

{sentences}
"""


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    return {
        "configure.md": NOTE + CONFIGURE.format(settings=_settings(), options=_options()),
        "commands.md": NOTE + COMMANDS.format(commands="\n".join(_group(cli, ["afterword"]))),
        "sentences.md": NOTE + SENTENCES.format(sentences=_sentences()),
    }


def _settings() -> str:
    secret = {f.name for f in fields(Settings) if f.metadata["secret"]}
    rows = []
    for variable, default, help_text in config.table():
        is_secret = variable.removeprefix(config.PREFIX).lower() in secret
        marked = f"{help_text} *Secret.*" if is_secret else help_text
        rows.append((f"`{variable}`", f"`{default}`" if default else "", marked))
    return _table(("Variable", "Default", "What it does"), rows)


def _options() -> str:
    rows = [
        (f"`{name}`", f"`{default}`" if default else "", help_text)
        for name, default, help_text in options.table()
    ]
    return _table(("Option", "Default", "What it does"), rows)


def _sentences() -> str:
    rows = [
        (f"`{key}`", said if isinstance(said, str) else "<br>".join(said.values()))
        for key, said in texts.english().items()
    ]
    return _table(("Key", "In English"), rows)


def _group(group: click.Group, words: list[str]) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield f"## {' '.join([*words, name])}\n\n{_prose(command)}\n"
            yield from _group(command, [*words, name])
        elif command is not None:
            yield _command(command, [*words, name])


def _command(command: click.Command, words: list[str]) -> str:
    rows = [_option(one) for one in command.params if isinstance(one, click.Option)]
    pieces = command.collect_usage_pieces(click.Context(command))
    usage = " ".join([*words, *(pieces if rows else pieces[1:])])  # the first says [OPTIONS]
    level = "#" * len(words)
    parts = [f"{level} {' '.join(words)}", _prose(command), f"```text\n{usage}\n```"]
    if rows:
        parts.append(_table(("Option", "What it does"), rows))
    return "\n\n".join(parts) + "\n"


def _option(option: click.Option) -> tuple[str, str]:
    takes = "" if option.is_flag else f" {option.make_metavar(click.Context(click.Command('')))}"
    needed = " Required." if option.required else ""
    shown = f" Default: {option.default}." if option.show_default else ""
    return f"`{', '.join(option.opts)}{takes}`".replace(
        "|", "\\|"
    ), f"{option.help or ''}{needed}{shown}"


def _prose(command: click.Command) -> str:
    return " ".join((command.help or "").split())


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write every generated page."""
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
