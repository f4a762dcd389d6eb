"""An OpenID provider of the tests' own, on loopback, made of authlib's server part."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "afterword-at-tests", "a secret that the owner copied"


class _Client(ClientMixin):
    client_id = CLIENT

    def get_client_id(self):
        return CLIENT

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        # To the letter, as providers do.
        return urlsplit(redirect_uri).path == "/auth/keyring/callback"

    def check_client_secret(self, client_secret):
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


@dataclass
class _Code(AuthorizationCodeMixin):
    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    user: _User

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return None

    def get_acr(self):
        return None

    def get_amr(self):
        return None


@dataclass
class _User:
    claims: dict[str, Any]

    def get_user_id(self):
        return self.claims["sub"]


@dataclass
class Provider:
    """Who it vouches for, and what a hostile one would change."""

    url: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "248289761001",
            "name": "Ada Lovelace",
            "preferred_username": "ada",
            "email": "ada@keyring.example",
            "email_verified": True,
        }
    )
    # Takes an ID token's header and claims and answers the token that is sent instead.
    forge: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    said: dict[str, Any] = field(default_factory=dict)  # of itself, instead of the truth
    agrees: bool = True
    keys: KeySet = field(
        default_factory=lambda: KeySet([RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})])
    )
    codes: dict[str, _Code] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A token as it would sign it."""
        return jwt.encode(header, claims, self.keys, [header["alg"]])

    def sign_with_secret(self, claims: dict[str, Any], secret: str) -> str:
        """One that takes a public or shared text for the key of an HMAC."""
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret), ["HS256"])

    def follow(self, address: str) -> dict[str, str]:
        """What comes back when somebody agrees at once: the query of the address they return to."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        with pytest.raises(urllib.error.HTTPError) as sent:
            urllib.request.build_opener(Stay).open(address)
        with sent.value as answer:
            back = urlsplit(answer.headers["Location"])
        return {name: values[0] for name, values in parse_qs(back.query).items()}


def _server(app: Flask, provider: Provider) -> AuthorizationServer:  # noqa: C901 - classes
    """What authlib asks to be told: clients, codes, people."""
    server = AuthorizationServer(
        app,
        query_client=lambda name: _Client() if name == CLIENT else None,
        save_token=lambda *_: None,
    )

    class Grant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012

        def save_authorization_code(self, code, request):
            said = request.payload.data
            provider.codes[code] = _Code(
                code,
                request.payload.redirect_uri,
                request.payload.scope,
                said.get("nonce"),
                said["code_challenge"],
                said["code_challenge_method"],
                request.user,
            )

        def query_authorization_code(self, code, client):
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code):
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code):
            return authorization_code.user

    class Signed(OpenIDCode):
        def exists_nonce(self, nonce, request):
            return False

        def generate_user_info(self, user, scope):
            return dict(user.claims)

        def get_client_claims(self, client):
            return {"iss": provider.url, "aud": [CLIENT]}

        def resolve_client_private_key(self, client):
            return provider.keys

        def encode_id_token(self, token, request):
            written = super().encode_id_token(token, request)
            if provider.forge is None:
                return written
            true = jwt.decode(written, provider.keys, algorithms=["RS256"])
            return provider.forge(dict(true.header), dict(true.claims))

    server.register_grant(Grant, [Signed(require_nonce=True), CodeChallenge(required=True)])
    return server


def _application(provider: Provider) -> Flask:
    app = Flask("provider")
    server = _server(app, provider)

    @app.get("/.well-known/openid-configuration")
    def describe():
        return jsonify(
            {
                "issuer": provider.url,
                "authorization_endpoint": f"{provider.url}/authorize",
                "token_endpoint": f"{provider.url}/token",
                "jwks_uri": f"{provider.url}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "authorization_response_iss_parameter_supported": True,
                **provider.said,
            }
        )

    @app.get("/jwks")
    def show_keys():
        return jsonify(provider.keys.as_dict(private=False))

    @app.get("/authorize")
    def authorize():
        provider.asked.append(request.full_path)
        if request.headers.get("Sec-Fetch-Mode") == "navigate" and "agreed" not in request.args:
            return (
                "<!doctype html><title>Keyring</title><h1>Keyring</h1>"
                f'<a href="{escape(request.url)}&amp;agreed=1">I agree</a>'
            )
        if not provider.agrees:
            back = f"{request.args['redirect_uri']}?error=access_denied"
            return redirect(f"{back}&state={request.args['state']}&iss={provider.url}")
        user = _User(provider.person)
        grant = server.get_consent_grant(end_user=user)
        answer = server.create_authorization_response(grant_user=user, grant=grant)
        return _with_issuer(answer, provider.url)

    @app.post("/token")
    def give_token():
        return server.create_token_response()

    return app


def _with_issuer(answer, issuer):
    answer.headers["Location"] += f"&iss={issuer}"
    return answer


@contextmanager
def running() -> Iterator[Provider]:
    """A provider at a port of this machine."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, _application(provider), threaded=True)
    provider.url = f"http://localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider called Keyring. It is spoken with in the clear: it is on this machine."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with running() as provider:
        yield provider
