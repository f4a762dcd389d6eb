"""Whom readers can sign in with: their keys, set up once for every site."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core.errors import BadRequest, Problem
from afterword.core.i18n import N_, _
from afterword.identity import oauth
from afterword.moderation import audit
from afterword.sites import providers
from afterword.sites.models import Provider, ProviderKind
from afterword.sites.providers import Setup
from afterword.web.admin import access, admin, confirm

# What the owner does at each of them; the address to give there stands beside it.
STEPS = {
    ProviderKind.GITHUB: (
        N_("On GitHub: Settings, Developer settings, OAuth Apps, New OAuth App."),
        N_(
            "Homepage URL: the address of your blog. Authorization callback URL: the address below."
        ),
        N_("Register, then Generate a new client secret. Copy the client ID and the secret here."),
    ),
    ProviderKind.GOOGLE: (
        N_(
            "In the Google Cloud console: APIs & Services, Credentials, Create credentials, "
            "OAuth client ID, Web application. The consent screen needs the scopes openid, "
            "email, profile."
        ),
        N_("Authorised redirect URIs: the address below."),
        N_("Copy the client ID and the client secret here."),
    ),
    ProviderKind.GITLAB: (
        N_("On GitLab: your avatar, Edit profile, Applications, Add new application."),
        N_("Redirect URI: the address below. Confidential: yes. Scopes: openid, profile, email."),
        N_(
            "Copy the application ID and the secret here. Your own GitLab: its address as the "
            "issuer."
        ),
    ),
    ProviderKind.MASTODON: (
        N_(
            "There is nothing to set up: readers name their server, and this service "
            "registers itself there by itself."
        ),
    ),
    ProviderKind.OIDC: (
        N_(
            "At your provider (Keycloak, Authentik, Zitadel, Auth0, Okta, Entra, ...) make a "
            "client: confidential, authorization code with PKCE, scopes openid, profile, "
            "email."
        ),
        N_("Redirect URI: the address below."),
        N_(
            "Copy its issuer (as it stands in /.well-known/openid-configuration), the client "
            "ID and the secret here."
        ),
    ),
}


@admin.get("/sign-in")
def show_providers() -> Response:
    return _show()


@admin.get("/sign-in/new/<kind>")
@confirm.by_password
def show_new_provider(kind: str) -> Response:
    return _edit(_kind(kind), typed={"label": providers.LABELS[_kind(kind)]})


@admin.post("/sign-in/new/<kind>")
@confirm.by_password
def add_provider(kind: str) -> AnyResponse | Response:
    try:
        made = providers.save(_typed(_kind(kind)))
    except Problem as problem:
        return _edit(_kind(kind), typed=request.form.to_dict(), problem=problem)
    audit.record("add provider", by=access.moderator().email, about=made.label)
    return redirect(url_for("admin.show_provider", name=made.name, done="added"), 303)


@admin.get("/sign-in/<name>")
@confirm.by_password
def show_provider(name: str) -> Response:
    held = providers.find(name)
    typed = {"label": held.label, "issuer": held.issuer, "client_id": held.client_id}
    if held.trusts_email:
        typed["trusts_email"] = "on"
    return _edit(held.kind, held=held, typed=typed)


@admin.post("/sign-in/<name>")
@confirm.by_password
def change_provider(name: str) -> AnyResponse | Response:
    held = providers.find(name)
    try:
        providers.save(_typed(held.kind), name=name)
    except Problem as problem:
        return _edit(held.kind, held=held, typed=request.form.to_dict(), problem=problem)
    audit.record("change provider", by=access.moderator().email, about=name)
    return redirect(url_for("admin.show_provider", name=name, done="saved"), 303)


@admin.post("/sign-in/<name>/remove")
@confirm.by_password
def remove_provider(name: str) -> AnyResponse:
    providers.remove(name)
    audit.record("remove provider", by=access.moderator().email, about=name)
    return redirect(url_for("admin.show_providers", done="removed"), 303)


def _kind(written: str) -> ProviderKind:
    try:
        return ProviderKind(written)
    except ValueError:
        raise BadRequest(_("There is no such kind of provider.")) from None


def _name(kind: ProviderKind) -> str:
    """What a new one will be called, where it can be told: OpenID Connect by what it is named."""
    return "" if kind is ProviderKind.OIDC else providers.free_name(kind, "")


def _typed(kind: ProviderKind) -> Setup:
    sent = request.form
    return Setup(
        kind=kind,
        label=sent.get("label", ""),
        issuer=sent.get("issuer", ""),
        client_id=sent.get("client_id", ""),
        client_secret=sent.get("client_secret", ""),
        trusts_email="trusts_email" in sent,
    )


def _show() -> Response:
    page = render_template(
        "admin/providers.html",
        providers=providers.every(),
        kinds=[(kind.value, providers.LABELS[kind] or "OpenID Connect") for kind in ProviderKind],
        done=request.args.get("done"),
    )
    return make_response(page)


def _edit(
    kind: ProviderKind,
    *,
    typed: dict[str, str],
    held: Provider | None = None,
    problem: Problem | None = None,
) -> Response:
    page = render_template(
        "admin/provider.html",
        kind=kind.value,
        called=providers.LABELS[kind] or "OpenID Connect",
        steps=[_(step) for step in STEPS[kind]],
        held=held,
        typed=typed,
        redirect=oauth.redirect(held.name if held else _name(kind)),
        problem=problem,
        done=request.args.get("done"),
    )
    return make_response(page, problem.status if problem else 200)
