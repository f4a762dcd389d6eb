"""The page that writes the tag: each recipe becomes valid HTML that names this service."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from bleach._vendor import html5lib
from jinja2 import Environment

from afterword.web import embed
from afterword.web.admin import recipes
from afterword.web.admin.recipes import RECIPES
from tests.web.test_admin_queue import desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

HOST, ORIGIN, POST = "http://localhost:8000", "https://blog.example", "https://blog.example/a&b"
QUOTED = "https%3A%2F%2Fblog.example%2Fa%26b"
DOCS = Path(__file__).parents[2] / "docs" / "embed.md"
WANTED = {
    *("html", "hugo", "jekyll", "wordpress", "ghost", "blogger", "eleventy", "astro"),
    *(
        "zola",
        "docusaurus",
        "vitepress",
        "nextjs",
        "nuxt",
        "sveltekit",
        "mkdocs",
        "material",
        "sphinx",
        "pelican",
    ),
}


def jinja(code, **values):
    """What Jinja2 makes of a template, its parent with an empty block of each name."""
    parent = "{% block content %}{% endblock %}{% block body %}{% endblock %}"
    engine = Environment(autoescape=True)
    engine.filters |= {"absolute_url": lambda _: POST, "cgi_escape": lambda _: QUOTED}
    engine.filters["url"] = lambda path: f"/a&{path[1:]}"  # below the path of the blog
    code = re.sub(r'{% extends "[^"]*" %}', "{% extends parent %}", code)
    return engine.from_string(code).render(parent=engine.from_string(parent), **values)


def hugo(code):
    return code.replace("{{ .Permalink }}", html.escape(POST)).replace(
        "{{ .Permalink | urlquery }}", QUOTED
    )


def wordpress(code):
    """The text that PHP would join."""
    code = code.replace("' . esc_url( $url ) . '", html.escape(POST))
    code = code.replace("' . rawurlencode( $url ) . '", QUOTED)
    return "".join(re.findall(r"^\t\t\. '(.*)';?$", code, re.MULTILINE))


def blogger(code):
    code = re.sub(r"</?b:if[^>]*>", "", code)
    code = code.replace("expr:data-url='data:post.url'", f'data-url="{html.escape(POST)}"')
    return re.sub(r"""expr:href='"([^"]*)" \+ data:post\.url'""", rf'href="\1{QUOTED}"', code)


def astro(code):
    code = code.partition("---\n")[2].partition("---\n")[2].replace("is:inline ", "")
    code = code.replace("data-url={here}", f'data-url="{html.escape(POST)}"')
    return re.sub(r"href={`([^$]*)\$\{[^}]*\}`}", rf'href="\1{QUOTED}"', code)


def docusaurus(code):
    (script,) = re.findall("<script.*</script>", code)
    (link,) = re.findall("`(.*)`", code)
    link = link.replace("${encodeURIComponent(here)}", QUOTED)
    return f'{script}<afterword-thread data-url="{html.escape(POST)}">{link}</afterword-thread>'


def vitepress(code):
    thread, rest = re.search(r"`(.*)`.*<template>(.*)</template>", code, re.DOTALL).groups()
    thread = thread.replace("${here.value}", html.escape(POST))
    thread = thread.replace("${encodeURIComponent(here.value)}", QUOTED)
    rest = re.sub(r"<component :is=\"'script'\"(.*)/>", r"<script\1></script>", rest)
    return rest.replace("<Thread />", f"<div>{thread}</div>")


def sveltekit(code):
    (thread,) = re.findall("`(.*?)`", code, re.DOTALL)
    (script,) = re.findall("<script [^>]*async></script>", code)
    thread = thread.replace("${here}", html.escape(POST))
    return script + thread.replace("${encodeURIComponent(here)}", QUOTED)


FILLED = {
    "html": lambda code: code,
    "hugo": hugo,
    "jekyll": lambda code: jinja(code, page={"url": "/a&b"}),
    "wordpress": wordpress,
    "ghost": lambda code: code.replace('{{url absolute="true"}}', html.escape(POST)),
    "blogger": blogger,
    "eleventy": lambda code: jinja(code, page={"url": "/b"}),
    "astro": astro,
    "zola": lambda code: jinja(code, page={"permalink": POST}),
    "docusaurus": docusaurus,
    "vitepress": vitepress,
    "nextjs": docusaurus,
    "nuxt": vitepress,
    "sveltekit": sveltekit,
    "mkdocs": lambda code: jinja(code, page={"canonical_url": POST}),
    "material": lambda code: jinja(code, page={"canonical_url": POST}),
    "sphinx": lambda code: jinja(code, pagename="a", hasdoc=lambda _: True, pageurl=POST),
    "pelican": lambda code: jinja(code, SITEURL=ORIGIN, article={"url": "a&b"}),
}


def texts(page):
    """What stands in each field to copy from, by its id."""
    found = re.findall(r'<textarea id="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


def elements(code):
    """Each element of a piece of valid HTML, with its attributes. Fails for one that is not."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(code)
    return [(one.tag, one.attrib) for one in tree.iter() if isinstance(one.tag, str)]


def test_there_is_a_recipe_for_each_usual_generator():
    assert {recipe.key for recipe in RECIPES} == WANTED == FILLED.keys()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.key)
@pytest.mark.parametrize("field", ["step-1", "fixed"])
def test_a_recipe_is_valid_html_once_the_generator_has_filled_it_in(desk, site, recipe, field):  # noqa: F811
    code = texts(desk.get(f"/admin/sites/1/tag?for={recipe.key}"))[field]
    assert not re.search("HOST|ORIGIN|SOURCE", code)
    filled = FILLED[recipe.key](code)
    assert not re.search(r"{{|{%|<\?|data:|\${", filled)
    found = elements(filled)
    (script,) = (attributes for tag, attributes in found if tag == "script")
    assert "async" in script
    if field == "fixed":
        lasting = embed.script()
        assert script["src"] == f"{HOST}/embed-{lasting.version}.js"
        assert script["integrity"] == lasting.integrity
        assert script["crossorigin"] == "anonymous"
    else:
        assert script["src"] == f"{HOST}/embed.js"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.key)
def test_a_recipe_has_a_link_for_readers_without_javascript(desk, site, recipe):  # noqa: F811
    code = texts(desk.get(f"/admin/sites/1/tag?for={recipe.key}"))["step-1"]
    found = elements(FILLED[recipe.key](code).replace("<noscript>", "").replace("</noscript>", ""))
    (link,) = (attributes for tag, attributes in found if tag == "a")
    assert link["href"].startswith(f"{HOST}/thread")
    if "url=" not in link["href"]:
        assert link["referrerpolicy"] == "no-referrer-when-downgrade"
    named = [attributes["data-url"] for _, attributes in found if "data-url" in attributes]
    assert named in ([], [POST])


@pytest.mark.parametrize("key", ["mkdocs", "material"])
def test_mkdocs_without_an_address_of_its_own_leaves_the_page_to_the_browser(key):
    (recipe,) = (recipe for recipe in RECIPES if recipe.key == key)
    filled = jinja(recipe.steps[0].code, page={"canonical_url": None})
    assert "<afterword-thread>" in filled
    assert '/thread"' in filled
    assert "None" not in filled


def test_sphinx_without_an_address_of_its_own_leaves_the_page_to_the_browser():
    (sphinx,) = (recipe for recipe in RECIPES if recipe.key == "sphinx")
    for known in (True, False):
        filled = jinja(
            sphinx.steps[0].code, pagename="a", hasdoc=lambda _, known=known: known, pageurl=None
        )
        assert ("/thread" in filled) is known
        assert "url=" not in filled


def test_the_fixed_script_is_served_under_the_name_that_the_page_says(client, desk, site):  # noqa: F811
    code = texts(desk.get("/admin/sites/1/tag"))["fixed"]
    path = re.search(rf'src="{HOST}([^"]+)"', code)[1]
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_what_is_no_recipe_and_no_site_is_not_found(client, desk, site):  # noqa: F811
    for path in ("1/tag?for=geocities", "1/tag?for=%00", "2/tag", "x/tag", f"{'9' * 40}/tag"):
        assert client.get(f"/admin/sites/{path}").status_code == 404, path
    assert client.get("/admin/sites/1/tag?for=").status_code == 200


def test_the_page_of_a_site_leads_to_its_tag(desk, site):  # noqa: F811
    assert 'href="/admin/sites/1/tag?for=hugo"' in desk.get("/admin/sites/1")


def test_the_documentation_says_what_the_page_says():
    said = DOCS.read_text(encoding="utf-8")
    host = "https://comments.example.org"
    assert recipes.plain(host) in said
    assert recipes.policy(host) in said
    for recipe in RECIPES[1:]:
        row = next(line for line in said.splitlines() if line.startswith(f"| {recipe.name} |"))
        assert all(f"`{step.file}`" in row for step in recipe.steps), row
