"""The tag of a site, as its generator wants it."""

from __future__ import annotations

from flask import render_template, request

from afterword.core import config
from afterword.core.errors import NotFound
from afterword.core.i18n import _
from afterword.sites.directory import KnownSite
from afterword.web import embed
from afterword.web.admin import admin, recipes
from afterword.web.admin.recipes import Recipe, Step
from afterword.web.admin.sites import find_site


@admin.get("/sites/<int:site_id>/tag")
def show_tag(site_id: int) -> str:
    site = find_site(site_id)
    chosen = request.args.get("for") or recipes.RECIPES[0].key
    recipe = next((one for one in recipes.RECIPES if one.key == chosen), None)
    if recipe is None:
        raise NotFound(_("There is no recipe for this one."))
    return render_template(
        "admin/tag.html",
        site=site,
        recipes=recipes.RECIPES,
        recipe=recipe,
        codes=_codes(recipe, site),
        fixed=_fixed(recipe, site),
        webmention=f'<link rel="webmention" href="{config.public_url()}/webmention">',
        policy=recipes.policy(config.public_url()),
    )


def _codes(recipe: Recipe, site: KnownSite) -> list[str]:
    """What to paste, step by step."""
    source = f'src="{config.public_url()}/embed.js"'
    return [_filled(step, site, source) for step in recipe.steps]


def _fixed(recipe: Recipe, site: KnownSite) -> str:
    """The first step with the script of this very version, which the browser checks."""
    script = embed.script()
    source = (
        f'src="{config.public_url()}/embed-{script.version}.js" '
        f'integrity="{script.integrity}" crossorigin="anonymous"'
    )
    return _filled(recipe.steps[0], site, source)


def _filled(step: Step, site: KnownSite, source: str) -> str:
    host = config.public_url()
    return recipes.fill(step.code, host=host, origin=site.origins[0], source=source)
