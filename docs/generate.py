"""Write the generated pages anew, from what the code itself says: ``make docs``.

``tests/test_docs.py`` fails when a page is not what this would write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import click
from docs.looks import LOOKS, Look

from afterword.cli import cli
from afterword.core import config
from afterword.core.config import Settings
from afterword.sites import options, texts
from afterword.web.admin.recipes import RECIPES, Recipe, fill
from afterword.web.api.openapi import document
from afterword.web.api.openapi.shapes import Schema

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

With Docker a setting stands under `environment` in the compose file; from `.env` only those reach
the service that are named there. With systemd it is a line of `/etc/afterword.env`.

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
environment, as the same user. In a container: `docker compose exec afterword afterword ...`; files
go in and out as `-`, standard input and output, and then it is
`docker compose exec -T afterword afterword ... - < file`.

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
afterword sites set blog.example 'texts={{"empty": "Say hello.", "write_send_comment": "Post"}}'
```

{sentences}
"""


RECIPES_PAGE = """\
# Recipes

What to put into which file, for each of the usual generators. The desk writes the same with the
addresses of your blog and of your service in it: *Sites*, your blog, *The tag for Hugo, Jekyll,
WordPress and others*. Here the service is at `https://comments.example.org`, the blog at
`https://blog.example`. What else the tag can say is in [Embed](embed.md).

{recipes}"""

GALLERY = """\
# Gallery

One and the same thread, in pages of different looks. Beside each stands all that the page says in
its style sheet; variables and parts are explained in [Theming](theming.md). Nobody has to write any
of it: *Look and words* on the desk has accent, corners, density and font for a whole site.

{looks}"""

REFERENCE = """\
# Reference of the API

Made from the description that every service hands out at `/openapi.json` (OpenAPI 3.1), which
generators of clients read; the tests hold what is answered against it. What the addresses are for
and how they belong together: [API](api.md). All stand below `https://comments.example.org/api/v1`.

{operations}"""


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    return {
        "configure.md": NOTE + CONFIGURE.format(settings=_settings(), options=_options()),
        "commands.md": NOTE + COMMANDS.format(commands="\n".join(_group(cli, ["afterword"]))),
        "recipes.md": NOTE + RECIPES_PAGE.format(recipes="\n".join(map(_recipe, RECIPES))),
        "gallery.md": NOTE + GALLERY.format(looks="\n".join(map(_look, LOOKS))),
        "reference.md": NOTE + REFERENCE.format(operations="\n".join(_operations())),
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


HOST, BLOG = "https://comments.example.org", "https://blog.example"


def _recipe(recipe: Recipe) -> str:
    parts = [f"## {recipe.name}"]
    for step in recipe.steps:
        source = f'src="{HOST}/embed.js"'
        code = fill(step.code, host=HOST, origin=BLOG, source=source)
        says = f"{step.says} `{step.file}`:" if step.file else f"{step.says}:"
        parts += [says, f"```html\n{code}\n```"]
    if recipe.note:
        parts.append(recipe.note)
    picture = f"images/recipe-{recipe.key}.png"
    parts.append(f"![The desk's page with the tag for {recipe.name}, ready to copy.]({picture})")
    return "\n\n".join(parts) + "\n"


def _look(look: Look) -> str:
    parts = [f"## {look.title}", look.says, f"```css\n{look.css}\n```"]
    if look.attributes:
        parts.append(f"and on the tag: `{look.attributes}`.")
    parts.append(f"![A form and comments: {look.title.lower()}.](images/look-{look.key}.png)")
    return "\n\n".join(parts) + "\n"


def _operations() -> Iterator[str]:
    described = document("")
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                shared = operations.get("parameters", [])
                yield _operation(f"{method.upper()} {path}", operation, shared)
    yield "## What is sent and answered\n"
    for name, schema in described["components"]["schemas"].items():
        yield _schema(name, schema)


def _operation(called: str, operation: Schema, shared: list[Schema]) -> str:
    parts = [f"## {called}", operation.get("summary", "")]
    if operation.get("description"):
        parts.append(operation["description"])
    asked = [*shared, *operation.get("parameters", [])]
    if asked:
        rows = [
            (
                f"`{one['name']}`",
                one["in"] + (", required" if one.get("required") else ""),
                _kind(one.get("schema", {})),
                _said(one),
            )
            for one in asked
        ]
        parts.append(_table(("Parameter", "Where", "Kind", "What it says"), rows))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        parts.append(f"Takes JSON: {_kind(body['schema'])}.")
    rows = [
        (f"`{status}`", _answered(answer), "<br>".join(answer.get("description", "").split("\n")))
        for status, answer in operation["responses"].items()
    ]
    parts.append(_table(("Answer", "Kind", "When"), rows))
    return "\n\n".join(part for part in parts if part) + "\n"


def _answered(answer: Schema) -> str:
    return ", ".join(_kind(one.get("schema", {})) for one in answer.get("content", {}).values())


def _schema(name: str, schema: Schema) -> str:
    needed = schema.get("required", ())
    rows = [
        (f"`{key}`", _kind(one) + ("" if key in needed else ", optional"), _said(one))
        for key, one in schema.get("properties", {}).items()
    ]
    parts = [f"### {name}", schema.get("description", "")]
    parts.append(_table(("Member", "Kind", "What it says"), rows) if rows else _kind(schema))
    return "\n\n".join(part for part in parts if part) + "\n"


def _said(schema: Schema) -> str:
    return " ".join(str(schema.get("description", "")).split())


def _kind(schema: Schema) -> str:
    """What a schema asks for, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for joined in ("oneOf", "anyOf"):
        if joined in schema:
            return " or ".join(_kind(one) for one in schema[joined])
    if "enum" in schema:
        return " ".join(f"`{one}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kinds = schema.get("type", "anything")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "array" in kinds and "items" in schema:
        return f"array of {_kind(schema['items'])}"
    return " or ".join(kinds)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write every generated page."""
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
