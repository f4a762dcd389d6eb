"""The documentation says what the code does: nothing is missing in it, nothing in it is dead."""

from __future__ import annotations

import copy
import io
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import click
import pytest
from docs import generate

from afterword.cli import cli
from afterword.core import config, errors, relay
from afterword.core.i18n import LANGUAGES
from afterword.notify import died
from afterword.sites import options
from afterword.spam.assess import ASKED, CHECKS
from afterword.threads.events import Event
from afterword.transfer import formats
from afterword.transfer.run import run
from afterword.web.api.openapi import document
from tests.bench import report
from tests.faults import reliability

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("deploy/*.md")])
WIDGET = sorted((ROOT / "widget" / "src").rglob("*.js"))
STYLES = ROOT / "widget" / "src" / "styles.css"


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _codes(page: str) -> set[str]:
    """Everything that a page sets as code."""
    return set(re.findall(r"`([^`\n]+)`", _page(page)))


def _problems(of: type[errors.Problem] = errors.Problem) -> Iterator[type[errors.Problem]]:
    yield of
    for kind in of.__subclasses__():
        yield from _problems(kind)


def _widget() -> str:
    """The widget's source without its comments on lines of their own."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in WIDGET)
    return re.sub(r"^\s*(?://|/?\*).*$", "", source, flags=re.MULTILINE)


@pytest.mark.parametrize("name", generate.pages())
def test_generated_pages_are_fresh(name):
    assert _page(name) == generate.pages()[name], "run: make docs"


@pytest.mark.parametrize("name", ["performance.md", "performance.svg"])
def test_the_performance_page_and_its_chart_show_what_was_measured(name):
    measured = json.loads(_page("performance.json"))
    assert _page(name) == report.files(measured)[name], "run: make bench"


def test_the_reliability_page_shows_what_was_found():
    found = json.loads(_page(reliability.FILE))
    assert _page("reliability.md") == reliability.page(found), "run: make faults"


def test_every_setting_and_option_is_documented():
    codes = _codes("configure.md")
    assert {variable for variable, _, _ in config.table()} <= codes
    assert {name for name, _, _ in options.table()} <= codes


def test_no_page_installs_from_a_registry_what_is_not_published():
    """Generated ones quote settings, whose extras are found where Afterword is installed."""
    assert "not published on a package registry yet" in _page("install.md")
    for path in PAGES:
        if path.name not in generate.pages():
            for words in re.findall(r"pip install ([^`\n]*)", path.read_text("utf-8")):
                assert not re.search(r"(^|[\s'\"])afterword", words), (path.name, words)


def test_every_policy_is_documented():
    assert {policy.value for policy in options.Policy} <= _codes("moderation.md")


def test_every_check_is_documented_and_every_documented_one_exists():
    table = _page("moderation.md").partition("## What the checks look at")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE)) == {*CHECKS, *ASKED}


def test_every_error_code_is_documented_with_its_status():
    page = _page("api.md")
    for problem in _problems():
        row = re.search(rf"^\|[^|]*`{problem.code}`[^|]*\|([^|]*)\|", page, re.MULTILINE)
        assert row, problem.code
        assert str(problem.status) in row[1], problem.code


def test_no_error_code_is_documented_that_does_not_exist():
    refusals = _page("api.md").partition("| Code | Status |")[2].partition("\n\n")[0]
    documented = set(
        re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\|([^|]*)\|", refusals, re.M)))
    )
    assert documented == {problem.code for problem in _problems()}


def test_every_event_of_webhooks_is_documented_and_described():
    rows = re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", _page("mail.md"), re.MULTILINE)
    events = {*(event.value for event in Event), died.EVENT}
    assert set(rows) == events
    assert set(document("https://comments.example")["webhooks"]) == events


def test_every_address_of_the_service_is_documented(app):
    page = _page("api.md")
    for rule in app.url_map.iter_rules():
        area = rule.endpoint.partition(".")[0]
        if area in {"static", "admin"}:
            continue
        written = rule.rule.removeprefix("/api/v1").replace("<version>", "VERSION")
        written = re.sub(r"<[a-z_:]+>", "ID", written.replace("<name>", "NAME"))
        if written != "/embed.js.map":
            assert re.search(
                rf"`(?:[A-Z]+ )?{re.escape(written)}[`?]| {re.escape(written)}`", page
            ), rule


def test_the_example_of_the_native_format_can_be_imported(context, site):
    example = _page("backup.md").partition("```json\n")[2].partition("```")[0]
    report = run("native", io.BytesIO(example.encode()), site=site, dry_run=False)
    assert (report.rows, report.inserted, report.replies) == (2, 2, 1)
    assert not report.skipped
    assert not report.warnings


def test_every_attribute_of_the_tag_is_documented():
    assert _attributes() >= {"afterword-count", "eager", "page", "site", "target", "url"}
    assert {f"data-{name}" for name in _attributes()} <= _codes("embed.md")


def test_every_event_is_documented():
    told = set(re.findall(r"""\b(?:emit|tell)\('([a-z]+)'""", _widget()))
    assert told
    assert {f"afterword:{name}" for name in told} <= _codes("embed.md")


def test_every_style_variable_is_documented_and_every_documented_one_exists():
    styles = "".join(path.read_text(encoding="utf-8") for path in STYLES.parent.rglob("*.css"))
    used = set(re.findall(r"--afterword-[a-z-]+", styles))
    documented = set(re.findall(r"--afterword-[a-z-]+\b(?!\*)", _page("theming.md")))
    assert used
    assert used == documented


def test_every_part_is_documented_and_every_documented_one_exists():
    page = _page("theming.md")
    table = page.partition("## Parts")[2].partition("\n## ")[0]
    documented = set(re.findall(r"`([a-z]+)`", table))
    assert _parts()
    assert _parts() == documented


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(file):
    for target in _links(file.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        found = (file.parent / path) if path else file
        assert found.exists(), target
        if anchor and found.suffix == ".md":
            assert anchor in _anchors(found.read_text(encoding="utf-8")), target


def _lines() -> list[tuple[str, str]]:
    """Every command line of ours in a block of shell code: what stands before it, and it."""
    found = []
    for page in PAGES:
        for block in re.findall(
            r"```(?:sh|text|ini)\n(.*?)```", page.read_text("utf-8"), re.DOTALL
        ):
            for line in block.replace("\\\n", " ").splitlines():
                words = re.search(r"^(|.*?[ /])afterword ((?!afterword\b)[a-z].*)$", line)
                if words and page.name != "commands.md":
                    found.append((words[1], re.split(r" (?:[<>|]|&&) ", words[2])[0]))
    return found


def _commands() -> list[str]:
    """The same as written, each once."""
    return sorted({written for _, written in _lines()})


def _parsed(written: str) -> tuple[dict[str, object], set[str]]:
    """What a command line says, by name, and which of it are files."""
    command: click.Command = cli
    words = shlex.split(written, comments=True)
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found, written
        command = found
    # Parsed, not run: files that the example names are not there, so existence is not asked for.
    parsed, files = copy.deepcopy(command), set()
    for parameter in parsed.params:
        if isinstance(parameter.type, click.Path | click.File):
            parameter.type = click.STRING
            files.add(str(parameter.name))
    return parsed.make_context(parsed.name, words).params, files


@pytest.mark.parametrize("written", _commands())
def test_every_command_line_in_the_docs_is_one_that_exists(written):
    _parsed(written)


def test_no_command_of_systemd_or_a_container_is_given_a_file_that_it_cannot_see():
    """They run in no folder of the reader's: what is there comes by standard input."""
    elsewhere = [line for line in _lines() if re.search(r"sudo $|sbin/$|docker ", line[0])]
    assert len(elsewhere) > 20
    for _, written in elsewhere:
        said, files = _parsed(written)
        assert all(said[name] is None or said[name][:1] in "-/" for name in files), written
    assert not [written for written in _commands() if re.search(r"=@(?!-)", written)]


def test_there_are_command_lines_to_look_at():
    assert len(_commands()) > 20


def test_no_command_in_the_docs_writes_addresses_of_readers_where_others_can_read_them():
    """Our own commands see to it for the files that they make; a shell and pg_dump do not."""
    writes = re.compile(r"(?:afterword (?:backup|export|person)\b.*|pg_dump\b.*)(?: > | --file )")
    codes = [
        code
        for page in PAGES
        for code in re.findall(r"```\w+\n.*?```|`[^`\n]+`", page.read_text("utf-8"), re.DOTALL)
        if writes.search(code)
    ]
    assert len(codes) > 5
    assert not [code for code in codes if "umask 077" not in code[: writes.search(code).start()]]


def test_a_password_for_mail_may_hold_each_sign_that_is_to_be_encoded():
    line = re.search(r"^A (`:`.*) in user or password is written", _page("mail.md"), re.MULTILINE)
    signs = "".join(re.findall(r"`(.)`", line[1]))
    assert set(":/@?#%$") == set(signs)
    read = relay.read(f"smtp://me:{quote(signs, safe='')}@mail.example:587")
    assert (read.password, read.host, read.port) == (signs, "mail.example", 587)


# The modules of the desk that ask for the password once more, and how the page calls what they do.
ASKS_AGAIN = {
    "authors": "all\n  of an author",
    "comments": "more than ten that are ticked",
    "configuration": "its configuration",
    "export": "the comments of a site",
    "log": "the log",
    "moderators": "invites, changes or removes moderators",
    "passkeys": "adds or removes passkeys",
    "person": "erases a person",
    "providers": "a service by which readers sign in",
    "removal": "removes a site",
    "second_step": "the second step on or off",
    "sites": "a site's keys and secrets",
    "sweeps": "all that match",
}


def test_all_that_asks_for_the_password_once_more_is_named():
    desk = ROOT / "service" / "afterword" / "web" / "admin"
    asks = {path.stem for path in desk.glob("*.py") if "confirm.by_password" in path.read_text()}
    assert asks == ASKS_AGAIN.keys()
    told = _page("security.md").partition("the desk asks for it or a passkey again")[2]
    told = told.partition("\n## ")[0]
    assert not [phrase for phrase in ASKS_AGAIN.values() if phrase not in told]


def test_every_command_is_explained():
    text = _page("commands.md")
    for name in cli.list_commands(click.Context(cli)):
        assert f"## afterword {name}\n" in text


def test_what_the_changelog_promises_names_its_issue():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = re.findall(r"^- .*(?:\n  .*)*", text, re.MULTILINE)
    assert entries
    assert not [entry for entry in entries if not re.search(r"\(#\d+\)", entry)]


def _attributes() -> set[str]:
    """What the widget takes from `dataset`, and the attribute of counts."""
    source = _widget()
    types = STYLES.with_name("types.d.ts").read_text(encoding="utf-8")
    options = types.partition("interface Options {")[2].partition("}")[0]
    names = set(re.findall(r"^ *([a-z]+)\??:", options, re.MULTILINE))
    for unpacked in re.findall(
        r"function pageUrl\(\w+, \{([^{}]*)\}|\{([^{}]*)\} = \w+\.dataset", source
    ):
        names |= set(re.findall(r"[a-z]+", " ".join(unpacked)))
    names |= set(re.findall(r"\[data-([a-z-]+)\]", source))
    return names - {"canonical"}


def _parts() -> set[str]:
    """What the widget's `h('tag.part other')` and `button('part')` make."""
    source = _widget()
    looks = re.findall(r"""['"`][a-z][a-z0-9]*\.([a-z$][^'"`]*)['"`]""", source)
    looks += re.findall(r"""\bbutton\(\s*['"`]([^'"`]+)['"`]""", source)
    words = {word for look in looks for word in re.sub(r"\$\{[^}]*\}?", " ", look).split()}
    return {word for word in words if re.fullmatch(r"[a-z]+", word)}


def _links(text: str) -> list[str]:
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    targets += re.findall(r'(?:src|srcset|href)="([^"]+)"', re.sub(r"`[^`\n]*`", "", text))
    return [target for target in targets if not re.match(r"https?://|mailto:", target)]


def _anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_threat_has_an_answer_and_its_proofs_are_there():
    rows = re.findall(r"^\| (\d+) \| .+ \| .+ \|(.*)\|$", _page("threats.md"), re.M)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    assert len(rows) >= 27
    for path in re.findall(r"`(tests/[^`]+)`", _page("threats.md")):
        assert (ROOT / path).is_file(), path


# Names that look like settings: what compose.yaml asks for, what Kubernetes would set, and what
# Pelican's own configuration has.
NO_SETTINGS = {
    *("AFTERWORD_HOST", "AFTERWORD_PORT"),
    *("AFTERWORD_SITE", "AFTERWORD_FROM", "AFTERWORD_KEEP", "AFTERWORD_SNIPPET"),
}


def test_every_setting_that_a_page_or_a_file_to_copy_names_exists():
    known = {variable for variable, _, _ in config.table()} | NO_SETTINGS
    known |= {f"{name}_FILE" for name in known}
    files = [*PAGES, ROOT / "compose.yaml", ROOT / "Dockerfile"]
    files += [path for path in (ROOT / "deploy").rglob("*.*") if path.suffix != ".pyc"]
    for path in files:
        named = set(re.findall(r"\bAFTERWORD_[A-Z][A-Z_]*[A-Z]\b", path.read_text("utf-8")))
        assert named <= known, path.name


def test_every_option_that_a_command_line_sets_exists_and_takes_its_value():
    lines = [words for words in map(shlex.split, _commands()) if words[:2] == ["sites", "set"]]
    assert len(lines) > 3
    for words in lines:
        said = dict(word.split("=", 1) for word in words[3:] if "=" in word)
        # Secrets stand in files of the reader's, and NAME=VALUE is none.
        options.change({}, {name: value for name, value in said.items() if value[:1] != "@"})


def test_every_page_has_its_place_in_the_site_and_in_the_list():
    """In the navigation of docs/site/mkdocs.yml, and in the table of docs/README.md."""
    site = (DOCS / "site" / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    nav = set(re.findall(r": (\S+\.md)$", site, re.MULTILINE))
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert pages <= nav
    listed = {target.partition("#")[0] for target in _links(_page("README.md"))}
    assert pages <= listed


def test_the_comparison_counts_our_languages_and_importers_as_they_are():
    page = _page("comparison.md")
    spoken = len(list((ROOT / "widget" / "src" / "messages").glob("*.json")))
    assert f"| languages of the widget | {spoken}; pages, mails and desk {len(LANGUAGES)} |" in page
    assert f"The widget speaks {spoken}, " in page
    words = {9: "nine", 10: "ten", 15: "fifteen", 16: "sixteen"}
    systems = formats.IMPORTERS.keys() - {"native", "csv"}
    assert f"| imports from | {words[len(systems)]} systems, with a rehearsal |" in page
    checks = CHECKS.keys() - {"learned"}
    assert f"| a filter that learns, {words[len(checks)]} other checks, proof of work |" in page


def test_every_picture_says_what_is_on_it():
    for path in PAGES:
        for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", path.read_text("utf-8")):
            assert len(alt) > 10, (path.name, target)
