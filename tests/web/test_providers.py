"""Each provider in its own way: what it is asked, and what of its answer is believed."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from afterword.core.db import db, transaction
from afterword.identity import oauth, openid
from afterword.identity.models import Instance, Passport
from afterword.identity.providers import mastodon as provider
from afterword.sites import providers
from afterword.sites.models import ProviderKind
from afterword.sites.providers import Setup
from tests import far

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def serve(internet):
    """Let a name answer by path: JSON, or a function of the request."""

    def do(name, answers, **at):
        def respond(connection):
            head = server.requests[-1].split(b"\r\n", 1)[0].decode()
            found = answers.get(head.split()[1].partition("?")[0], {})
            said = found(server.requests[-1].decode()) if callable(found) else found
            body = json.dumps(said).encode()
            far.answer(body, content_type="application/json")(connection)

        server = internet.serve(name, respond, **at)
        return server

    return do


@pytest.fixture
def come(client):
    """Go to a provider and come back; answers where one went, and what came of it."""

    def do(name, *, instance="", code="code", then=lambda asked: {}, browser=None, **said_back):
        secret = browser or secrets.token_hex(32)
        said = {"browser": hashlib.sha256(secret.encode()).hexdigest(), "instance": instance}
        begun = client.post(f"/auth/{name}/begin", data=said, headers=OWN)
        if begun.status_code != 200:
            return None, begun
        url = urlsplit(begun.json["url"])
        asked = {one: values[0] for one, values in parse_qs(url.query).items()}
        then(asked)
        back = {"state": asked["state"], "code": code, "browser": secret, **said_back}
        return url, client.post(urlsplit(asked["redirect_uri"]).path, data=back, headers=OWN)

    return do


def passport(app):
    with app.app_context():
        return db.session.scalars(select(Passport).options(joinedload(Passport.account))).one()


def offer(app, kind, **said):
    openid._kept.clear()
    with app.app_context():
        setup = Setup(kind=kind, client_id="id-of-ours", client_secret="s3cret", **said)
        return providers.save(setup).name


GITHUB = {
    "/user": {
        "id": 583231,
        "login": "octocat",
        "name": "The Octocat",
        "blog": "octo.example",
        "email": "typed@by-anybody.example",
        "avatar_url": "https://avatars.example/u/583231",
    },
    "/user/emails": [
        {"email": "old@octo.example", "primary": False, "verified": True},
        {"email": "octo@octo.example", "primary": True, "verified": True},
    ],
}


def test_github_says_who_it_is_at_its_api(app, serve, come):
    name = offer(app, ProviderKind.GITHUB)
    there = serve("github.com", {"/login/oauth/access_token": {"access_token": "t0ken"}})
    api = serve("api.github.com", GITHUB, address="1.0.0.1")
    url, done = come(name)
    assert done.status_code == 200, done.text
    assert (url.netloc, url.path) == ("github.com", "/login/oauth/authorize")
    sent = there.requests[0].decode()
    assert "code_verifier=" in sent
    assert "client_secret=s3cret" in sent
    assert all(b"Authorization: Bearer t0ken" in one for one in api.requests)
    held = passport(app)
    assert (held.kind.value, held.subject, held.label) == ("github", "583231", "octocat")
    assert held.email == "octo@octo.example"
    assert (held.account.name, held.account.website) == ("The Octocat", "https://octo.example/")


@pytest.mark.parametrize("issuer", ["https://github.com/login/oauth", "https://github.com"])
def test_github_names_itself_by_where_one_signs_in(app, serve, come, issuer):
    name = offer(app, ProviderKind.GITHUB)
    serve("github.com", {"/login/oauth/access_token": {"access_token": "t0ken"}})
    serve("api.github.com", GITHUB, address="1.0.0.1")
    done = come(name, iss=issuer)[1]
    assert done.status_code == 200, done.text
    assert passport(app).issuer == "https://github.com", "who signed in before is still the same"


@pytest.mark.parametrize("issuer", ["https://github.com/", "https://gitlab.com", ""])
def test_who_answers_by_another_name_than_github_has_is_not_github(app, serve, come, issuer):
    name = offer(app, ProviderKind.GITHUB)
    there = serve("github.com", {"/login/oauth/access_token": {"access_token": "t0ken"}})
    refused = come(name, iss=issuer)[1]
    assert "Another provider answered" in refused.json["detail"]
    assert there.requests == []


@pytest.mark.parametrize(
    "emails",
    [
        [{"email": "octo@octo.example", "primary": True, "verified": False}],
        [],
        {"message": "no"},
        [{"email": ["x"], "primary": True, "verified": True}],
    ],
)
def test_an_address_that_github_has_not_checked_is_nobodys(app, serve, come, emails):
    name = offer(app, ProviderKind.GITHUB)
    serve("github.com", {"/login/oauth/access_token": {"access_token": "t0ken"}})
    serve("api.github.com", {**GITHUB, "/user/emails": emails}, address="1.0.0.1")
    assert come(name)[1].status_code == 200
    assert passport(app).email is None


@pytest.mark.parametrize(
    "answers",
    [
        {"/login/oauth/access_token": {"error": "bad_verification_code"}},
        {"/login/oauth/access_token": {}},
        {"/login/oauth/access_token": []},
        {"/login/oauth/access_token": {"access_token": 7}},
    ],
)
def test_no_token_is_no_sign_in(app, serve, come, answers):
    name = offer(app, ProviderKind.GITHUB)
    serve("github.com", answers)
    refused = come(name)[1]
    assert (refused.status_code, refused.json["code"]) == (400, "sign_in_failed")


@pytest.mark.parametrize("who", [{}, [], {"id": "7"}, {"id": 0}, {"id": True}])
def test_somebody_without_a_number_is_nobody(app, serve, come, who):
    name = offer(app, ProviderKind.GITHUB)
    serve("github.com", {"/login/oauth/access_token": {"access_token": "t0ken"}})
    serve("api.github.com", {**GITHUB, "/user": who}, address="1.0.0.1")
    assert come(name)[1].json["code"] == "sign_in_failed"


@pytest.mark.parametrize(
    ("kind", "issuer", "subject"),
    [
        (ProviderKind.GOOGLE, "https://accounts.google.com", "1122"),
        (ProviderKind.GITLAB, "https://gitlab.com", "42"),
        (ProviderKind.GITLAB, "https://git.example.org", "42"),
    ],
)
def test_google_and_gitlab_speak_openid_connect(app, serve, come, kind, issuer, subject):
    known = "" if issuer in {"https://accounts.google.com", "https://gitlab.com"} else issuer
    name = offer(app, kind, issuer=known)
    key, given = RSAKey.generate_key(2048, {"kid": "k"}), {}
    now = int(time.time())

    def token(_request):
        said = {
            "iss": issuer,
            "aud": "id-of-ours",
            "sub": subject,
            "nonce": given["nonce"],
            "iat": now,
            "exp": now + 60,
            "name": "Ada",
            "email": "ada@reader.example",
            "email_verified": True,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "k"}, said, key)
        return {"access_token": "t0ken", "id_token": signed}

    host = urlsplit(issuer).netloc
    serve(
        host,
        {
            "/.well-known/openid-configuration": {
                "issuer": issuer,
                "authorization_endpoint": f"https://{host}/auth",
                "token_endpoint": f"https://{host}/token",
                "jwks_uri": f"https://{host}/keys",
            },
            "/token": token,
            "/keys": KeySet([key]).as_dict(private=False),
        },
    )
    _, done = come(name, then=given.update)
    assert done.status_code == 200, done.text
    held = passport(app)
    assert (held.kind.value, held.issuer, held.subject) == (kind.value, issuer, subject)
    assert held.email == (None if known else "ada@reader.example"), "a GitLab of one's own: a tick"


def mastodon(serve, host="m.example", address=far.OUTSIDE, number="109"):
    return serve(
        host,
        {
            "/api/v1/apps": {"client_id": f"id at {host}", "client_secret": "theirs"},
            "/oauth/token": {"access_token": "t0ken"},
            "/api/v1/accounts/verify_credentials": {
                "id": number,
                "username": "ada",
                "display_name": "Ada :heart:",
                "url": f"https://{host}/@ada",
                "avatar_static": f"https://{host}/ada.png",
            },
        },
        address=address,
    )


@pytest.mark.parametrize(
    "typed", ["m.example", "https://m.example/@ada", "@ada@m.example", " ada@M.EXAMPLE "]
)
def test_any_mastodon_server_is_found_by_what_people_type(app, serve, come, typed):
    name = offer(app, ProviderKind.MASTODON)
    mastodon(serve)
    url, done = come(name, instance=typed)
    assert done.status_code == 200, done.text
    assert url.netloc == "m.example"
    held = passport(app)
    assert (held.issuer, held.subject, held.label) == ("https://m.example", "109", "@ada@m.example")
    assert held.email is None
    assert held.account.website == "https://m.example/@ada"


def test_a_server_is_registered_at_once_and_never_again(app, serve, come):
    name = offer(app, ProviderKind.MASTODON)
    server = mastodon(serve)
    for _ in range(2):
        come(name, instance="m.example")
    asked = [one.split(b" ")[1] for one in server.requests]
    assert asked.count(b"/api/v1/apps") == 1
    assert (
        b"redirect_uris=http%3A%2F%2Flocalhost%3A8000%2Fauth%2Fmastodon%2Fm.example%2Fcallback"
        in (server.requests[0])
    )


def test_a_service_that_moved_registers_itself_anew(app, serve, come):
    name = offer(app, ProviderKind.MASTODON)
    server = mastodon(serve)
    come(name, instance="m.example")
    with app.app_context(), transaction() as session:
        session.query(Instance).one().redirect_uri = "https://old.example/callback"
    assert come(name, instance="m.example")[1].status_code == 200
    assert sum(b"/api/v1/apps" in one for one in server.requests) == 2


def test_a_server_that_nobody_came_from_makes_room_for_another(app, serve, come, monkeypatch):
    monkeypatch.setattr(provider, "MOST_INSTANCES", 3)
    name = offer(app, ProviderKind.MASTODON)
    mastodon(serve)
    come(name, instance="m.example")
    for number in range(5):
        host = f"{number}.flood.example"
        serve(host, {"/api/v1/apps": {"client_id": "id", "client_secret": "s"}}, address="1.0.0.2")
        assert come(name, instance=host)[1].json["code"] == "sign_in_failed"
    with app.app_context():
        known = set(db.session.scalars(select(Instance.host)))
    assert known == {"m.example", "3.flood.example", "4.flood.example"}
    mastodon(serve, "n.example", "1.0.0.1")
    assert come(name, instance="n.example")[1].status_code == 200


def test_one_stranger_is_waited_for_at_a_time_and_without_a_connection(app, serve, come):
    name, other = offer(app, ProviderKind.MASTODON), offer(app, ProviderKind.GITHUB)
    reached, done = threading.Event(), threading.Event()

    keys = {"client_id": "id", "client_secret": "theirs"}

    def register(_asked):
        reached.set()
        done.wait(20)
        return keys

    serve("slow.example", {"/api/v1/apps": register})
    with ThreadPoolExecutor(1) as visitors:
        first = visitors.submit(_begin, app, name, "slow.example")
        assert reached.wait(20)
        with app.app_context():
            assert db.engine.pool.checkedout() == 0
        second = _begin(app, name, "another.example")
        assert (second.status_code, second.headers["Retry-After"]) == (503, "5")
        assert "Others are signing in" in second.json["detail"]
        assert _begin(app, other, "").status_code == 200
        done.set()
        assert first.result().status_code == 200
    mastodon(serve, "another.example", address="1.0.0.1")
    assert _begin(app, name, "another.example").status_code == 200


def _begin(app, name, instance):
    said = {"browser": "0" * 64, "instance": instance}
    return app.test_client().post(f"/auth/{name}/begin", data=said, headers=OWN)


def test_who_finds_no_room_on_the_way_back_comes_once_more(app, client, serve, come):
    name = offer(app, ProviderKind.MASTODON)
    mastodon(serve)
    asked = {}

    def fill(query):
        asked.update(query)
        oauth.STRANGERS.acquire()

    try:
        _, refused = come(name, instance="m.example", then=fill, browser="b" * 64)
    finally:
        oauth.STRANGERS.release()
    assert refused.status_code == 503
    back = {"state": asked["state"], "code": "code", "browser": "b" * 64}
    path = urlsplit(asked["redirect_uri"]).path
    assert client.post(path, data=back, headers=OWN).status_code == 200


def test_a_code_of_another_server_goes_to_nobody(app, client, serve, come):
    """A server that sends people on to another one would get what that one gives them."""
    name = offer(app, ProviderKind.MASTODON)
    evil, good = mastodon(serve), mastodon(serve, "n.example", "1.0.0.1")
    come(name, instance="n.example")
    asked = {}
    come(name, instance="m.example", then=asked.update, browser="b" * 64)
    told = len(evil.requests)
    for place in ("/n.example", ""):
        begun = client.post(
            f"/auth/{name}/begin",
            data={"browser": hashlib.sha256(b"b" * 64).hexdigest(), "instance": "m.example"},
            headers=OWN,
        )
        state = parse_qs(urlsplit(begun.json["url"]).query)["state"][0]
        back = {"state": state, "code": "of n.example", "browser": "b" * 64}
        refused = client.post(f"/auth/{name}{place}/callback", data=back, headers=OWN)
        assert "Another provider answered" in refused.json["detail"]
    assert len(evil.requests) == told
    assert good.requests


def test_servers_that_people_come_from_keep_no_other_server_out(app, serve, come, monkeypatch):
    monkeypatch.setattr(provider, "MOST_INSTANCES", 2)
    name = offer(app, ProviderKind.MASTODON)
    mastodon(serve)
    mastodon(serve, "n.example", "1.0.0.1")
    mastodon(serve, "o.example", "1.0.0.2")
    for instance in ("m.example", "n.example", "o.example"):
        assert come(name, instance=instance)[1].status_code == 200
    with app.app_context():
        assert set(db.session.scalars(select(Instance.host))) == {"n.example", "o.example"}


def test_who_comes_from_a_server_that_was_forgotten_is_who_they_were(app, serve, come, monkeypatch):
    monkeypatch.setattr(provider, "MOST_INSTANCES", 1)
    name = offer(app, ProviderKind.MASTODON)
    mastodon(serve)
    mastodon(serve, "n.example", "1.0.0.1")
    for instance in ("m.example", "n.example", "m.example"):
        assert come(name, instance=instance)[1].status_code == 200
    with app.app_context():
        assert db.session.query(Passport).count() == 2


def test_the_same_number_at_another_server_is_somebody_else(app, serve, come):
    name = offer(app, ProviderKind.MASTODON)
    mastodon(serve)
    mastodon(serve, "n.example", "1.0.0.1")
    for instance in ("m.example", "n.example"):
        assert come(name, instance=instance)[1].status_code == 200
    with app.app_context():
        held = db.session.query(Passport).all()
        assert len({one.account_id for one in held}) == 2


@pytest.mark.parametrize(
    "typed",
    ["", "localhost", "127.0.0.1", "[::1]", "10.0.0.1:8080", "m.example:8080", "a b", "x" * 300],
)
def test_what_is_no_server_on_the_internet_is_refused_in_words(app, internet, come, typed):
    name = offer(app, ProviderKind.MASTODON)
    refused = come(name, instance=typed)[1]
    assert refused.status_code == 400
    assert "name of your server" in refused.json["detail"]
    assert internet.dialled == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254"])
def test_a_server_that_leads_inside_is_not_spoken_with(app, internet, come, address):
    name = offer(app, ProviderKind.MASTODON)
    internet.lead("inside.example", [address])
    refused = come(name, instance="inside.example")[1]
    assert refused.json["code"] == "sign_in_failed"
    assert internet.dialled == []


def test_what_is_no_mastodon_is_told_apart(app, serve, come):
    name = offer(app, ProviderKind.MASTODON)
    serve("m.example", {})
    refused = come(name, instance="m.example")[1]
    assert "no Mastodon server" in refused.json["detail"]
