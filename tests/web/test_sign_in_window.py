"""Signing in by a provider: from the page through the window there and back, and all that may lie.

The far side is a real OpenID provider on loopback, which is named to the service as of its network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import NotOffered
from afterword.identity import accounts, errands, handovers, openid
from afterword.identity.accounts import Shown
from afterword.identity.models import Account, Errand, HandOver, Passport, PassportKind
from afterword.sites import changes, providers
from afterword.sites.models import ProviderKind
from afterword.sites.providers import Setup
from afterword.web.auth import window as window_of_auth
from tests.conftest import BLOG, PAGE
from tests.provider import CLIENT, SECRET

pytestmark = pytest.mark.slow

SCRIPTS = Path(window_of_auth.__file__).parents[1] / "static" / "auth"

OWN = {"Sec-Fetch-Site": "same-origin"}
HERE = {"Origin": BLOG}
VERIFIER = "v" * 43


@pytest.fixture
def told(told, keyring):
    return {**told, "AFTERWORD_PROVIDER_HOSTS": urlsplit(keyring.url).netloc}


@pytest.fixture
def offered(app, site, keyring):
    openid._kept.clear()
    with app.app_context():
        providers.save(
            Setup(
                kind=ProviderKind.OIDC,
                label="Keyring",
                issuer=keyring.url,
                client_id=CLIENT,
                client_secret=SECRET,
                trusts_email=True,
            )
        )
    return site


def challenge(verifier=VERIFIER):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Window:
    """A window of a browser: its script, and the secret that it keeps."""

    def __init__(self, client):
        self.client, self.secret = client, secrets.token_hex(32)

    def begin(self, **changed):
        said = {
            "origin": BLOG,
            "challenge": challenge(),
            "browser": hashlib.sha256(self.secret.encode()).hexdigest(),
            **changed,
        }
        return self.client.post("/auth/keyring/begin", data=said, headers=OWN)

    def back(self, came, name="keyring", **changed):
        said = {**came, "browser": self.secret, **changed}
        return self.client.post(f"/auth/{name}/callback", data=said, headers=OWN)


@pytest.fixture
def window(client, offered):
    return Window(client)


@pytest.fixture
def there(window, keyring):
    """What a window has come back with."""
    return keyring.follow(window.begin().json["url"])


def take(client, code, verifier=VERIFIER, origin=BLOG):
    said = {"code": code, "verifier": verifier}
    return client.post("/api/v1/sign-in", json=said, headers={"Origin": origin})


@pytest.fixture
def token(client, window, there):
    return take(client, window.back(there).json["code"]).json["token"]


def refused(answer, words):
    assert answer.status_code == 400, answer.text
    assert words in answer.json["detail"]
    return True


def test_somebody_signs_in_and_writes_under_their_name(client, window, there, post):
    done = window.back(there)
    assert done.json["origin"] == BLOG
    given = take(client, done.json["code"])
    assert given.json["author"] == {
        "name": "Ada Lovelace",
        "website": None,
        "avatar": None,
        "has_email": True,
    }
    bearer = {"Authorization": f"Bearer {given.json['token']}"}
    said = post(author={"name": "Eve"}, headers=bearer).json["comment"]["author"]
    assert (said["name"], said["is_verified"]) == ("Ada Lovelace", True)


def test_what_goes_to_the_provider_has_state_nonce_and_pkce(window):
    url = urlsplit(window.begin().json["url"])
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid profile email"
    assert asked["redirect_uri"] == "http://localhost:8000/auth/keyring/callback"
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43


def test_the_same_person_comes_back_to_the_same_account(app, client, window, keyring):
    for _ in range(2):
        take(client, window.back(keyring.follow(window.begin().json["url"])).json["code"])
    with app.app_context():
        assert db.session.query(Account).count() == 1
        assert db.session.query(Passport).count() == 1


def test_the_window_sets_no_cookie_and_stays_in_touch_with_the_page(client, offered):
    for path in (
        "/auth/",
        f"/auth/?origin={BLOG}&challenge={challenge()}",
        "/auth/keyring/callback",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert client.get("/me").headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_looking_at_the_window_and_its_return_writes_nothing(app, client, there):
    for path in ("/auth/", "/auth/keyring/callback"):
        client.get(path, query_string=there)
    with app.app_context():
        assert db.session.query(Errand).count() == 1
        assert db.session.query(Account).count() == 0


def test_a_window_that_did_not_go_away_cannot_come_back(client, there):
    """Log-in CSRF: somebody is lured to the end of an attacker's own sign-in."""
    assert refused(Window(client).back(there), "another window")


def test_what_came_back_is_good_once(window, there):
    assert window.back(there).status_code == 200
    assert refused(window.back(there), "too old")


def test_a_state_that_was_not_given_out_is_refused(window, there):
    assert refused(window.back(there, state="x" * 43), "too old")
    assert refused(window.back({}, code="x"), "too old")


def test_a_sign_in_ends_after_a_while(app, window, there):
    with app.app_context(), transaction() as session:
        session.query(Errand).one().created = clock.now() - errands.LIFE
    assert refused(window.back(there), "too old")


def test_another_provider_cannot_answer(app, window, there, keyring):
    with app.app_context():
        providers.save(
            Setup(
                kind=ProviderKind.OIDC,
                label="Other",
                issuer=keyring.url,
                client_id=CLIENT,
                client_secret=SECRET,
            )
        )
    assert refused(window.back(there, name="other"), "too old")


@pytest.mark.parametrize("issuer", ["https://evil.example", "", None])
def test_who_answers_has_to_be_whom_we_sent_them_to(window, there, issuer):
    """RFC 9207; the provider says that it names itself, so that silence is none of its."""
    there.pop("iss")
    came = there if issuer is None else {**there, "iss": issuer}
    assert refused(window.back(came), "Another provider")


def test_who_does_not_agree_there_is_told_so(window, keyring):
    keyring.agrees = False
    came = keyring.follow(window.begin().json["url"])
    assert refused(window.back(came), "did not agree")


def test_a_code_of_somebody_elses_sign_in_is_of_no_use(client, window, there, keyring):
    """PKCE: a code that was stolen on its way does not fit to another way."""
    other = Window(client)
    came = keyring.follow(other.begin().json["url"])
    assert refused(other.back({**came, "code": there["code"]}), "did not accept")


def lies(**changed):
    return lambda provider: (
        lambda header, claims: provider.sign(
            header,
            {name: value for name, value in {**claims, **changed}.items() if value is not None},
        )
    )


LIES = {
    "another nonce": lies(nonce="x" * 43),
    "no nonce": lies(nonce=None),
    "for somebody else": lies(aud=["another-client"]),
    "for others too, without saying for whom": lies(aud=[CLIENT, "other"], azp="other"),
    "another issuer": lies(iss="https://evil.example"),
    "long over": lies(exp=1_000_000_000, iat=999_999_000),
    "nobody": lies(sub=None),
    "another access token": lies(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "signed with our secret": lambda provider: (
        lambda _, claims: provider.sign_with_secret(claims, SECRET)
    ),
    "not signed": lambda provider: lambda _, claims: _unsigned(claims),
    "no token": lambda provider: lambda *_: "x.y.z",
}


def _unsigned(claims):
    import json

    def written(value):
        raw = json.dumps(value).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    return f"{written({'alg': 'none'})}.{written(claims)}."


@pytest.mark.parametrize("lie", LIES)
def test_a_provider_that_lies_is_not_believed(app, window, there, keyring, lie):
    keyring.forge = LIES[lie](keyring)
    assert refused(window.back(there), "could not be believed")
    with app.app_context():
        assert db.session.query(Account).count() == 0


def test_a_provider_that_calls_itself_another_is_refused(window, keyring):
    keyring.said = {"issuer": "https://accounts.google.com"}
    assert refused(window.begin(), "not the one that is set up")


def test_a_provider_that_wants_the_secret_in_the_clear_elsewhere_is_refused(window, keyring):
    keyring.said = {"token_endpoint": "http://evil.example/token"}
    assert refused(window.begin(), "https")


def test_new_keys_of_a_provider_are_looked_up(window, keyring):
    from joserfc.jwk import KeySet, RSAKey

    first = keyring.follow(window.begin().json["url"])
    assert window.back(first).status_code == 200
    keyring.keys = KeySet([RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})])
    assert window.back(keyring.follow(window.begin().json["url"])).status_code == 200


def test_an_address_counts_only_where_the_owner_believes_the_provider(app, window, there, keyring):
    with app.app_context(), transaction():
        providers.find("keyring").trusts_email = False
    window.back(there)
    with app.app_context():
        assert db.session.query(Passport).one().email is None


def test_an_address_that_the_provider_has_not_checked_counts_for_nothing(app, window, keyring):
    keyring.person["email_verified"] = False
    window.back(keyring.follow(window.begin().json["url"]))
    with app.app_context():
        assert db.session.query(Passport).one().email is None


def test_a_code_for_a_page_is_of_no_use_without_its_verifier(client, window, there):
    code = window.back(there).json["code"]
    assert take(client, code, verifier="w" * 43).json["code"] == "bad_code"
    assert take(client, code).json["code"] == "bad_code"  # it is used up by the try


def test_a_code_for_a_page_works_once_and_soon(app, client, window, there):
    code = window.back(there).json["code"]
    with app.app_context(), transaction() as session:
        session.query(HandOver).one().created = clock.now() - handovers.LIFE
    assert take(client, code).json["code"] == "bad_code"


def test_another_origin_of_the_same_site_cannot_use_it(app, client, window, there, site):
    with app.app_context():
        changes.add("https://www2.example", to=site.id)
    code = window.back(there).json["code"]
    assert take(client, code, origin="https://www2.example").json["code"] == "bad_code"


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://evil.example"},
        {"origin": f"{BLOG}/path"},
        {"origin": "null"},
        {"challenge": "short"},
        {"browser": ""},
        {"browser": "x" * 64},
    ],
)
def test_nothing_begins_for_a_page_that_is_no_sites(window, said):
    assert window.begin(**said).status_code in {400, 403, 404}


def test_a_site_that_offers_no_sign_in_gets_none(app, window, site):
    with app.app_context():
        changes.choose(site.id, {"sign_in": "off"})
    assert window.begin().status_code == 403


def test_other_sites_cannot_send_the_windows_forms(client, offered):
    for path in ("/auth/keyring/begin", "/auth/keyring/callback", "/auth/passkey"):
        answer = client.post(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403


def test_without_a_page_that_waits_one_comes_to_ones_own_comments(
    client, window, keyring, token, post
):
    post("Mine.", headers={"Authorization": f"Bearer {token}"})
    came = keyring.follow(window.begin(origin="", challenge="").json["url"])
    me = window.back(came).json["me"]
    assert "Mine." in client.get(me).text


@pytest.fixture
def profile(app, offered):
    """The key of the page of somebody who came another way."""
    with app.app_context(), transaction():
        shown = Shown(kind=PassportKind.GITHUB, subject="1", label="mallory", name="Mallory")
        return accounts.key(accounts.let_in(shown))


def test_one_more_way_is_joined_only_once_its_owner_has_said_yes(
    app, client, window, keyring, profile
):
    said = {"origin": "", "challenge": "", "key": profile}
    asked = window.back(keyring.follow(window.begin(**said).json["url"])).json
    assert (asked["shown"], asked["profile"]) == ("ada@keyring.example", "Mallory")
    with app.app_context():
        assert db.session.query(Passport).count() == 1, "nothing is joined by coming back"

    def agree(browser):
        sent = {"token": asked["join"], "browser": browser}
        return client.post("/auth/join", data=sent, headers=OWN)

    assert agree("another window").status_code == 400
    assert agree(window.secret).json["me"].startswith("/me/")
    assert agree(window.secret).status_code == 400
    with app.app_context():
        assert db.session.query(Account).one().name == "Mallory"
        assert db.session.query(Passport).count() == 2


def test_who_signs_out_everywhere_ends_a_window_that_waits_for_a_yes(
    app, client, window, keyring, profile
):
    said = {"origin": "", "challenge": "", "key": profile}
    asked = window.back(keyring.follow(window.begin(**said).json["url"])).json
    with app.app_context(), transaction():
        accounts.take_all_tokens(accounts.owner(profile))
    sent = {"token": asked["join"], "browser": window.secret}
    assert client.post("/auth/join", data=sent, headers=OWN).status_code == 400
    with app.app_context():
        assert db.session.query(Passport).count() == 1


def test_a_window_for_a_profile_says_whose_and_sends_nobody_on(client, profile):
    page = client.get(f"/auth/?key={profile}&way=keyring").text
    assert "Mallory" in page
    assert 'data-chosen=""' in page
    assert 'data-chosen="keyring"' in client.get("/auth/?way=keyring").text


def test_an_account_of_a_blog_gets_no_token_elsewhere(app, offered):
    with app.app_context():
        other = changes.add("https://other.example")
        with transaction():
            shown = Shown(kind=PassportKind.SSO, issuer="site", subject="1", label="x")
            account = accounts.let_in(shown, site_id=other.id)
        with pytest.raises(NotOffered), transaction():
            accounts.give_token(account, site_id=offered.id)


def test_who_is_signed_in_is_told_and_signs_out(client, token):
    bearer = {"Authorization": f"Bearer {token}"}
    asked = {"url": PAGE}
    me = client.get("/api/v1/me", query_string=asked, headers=bearer)
    assert me.json["author"]["name"] == "Ada Lovelace"
    client.delete("/api/v1/sign-in", headers={**HERE, **bearer})
    assert client.get("/api/v1/me", query_string=asked, headers=bearer).json == {"author": None}


def test_what_the_scripts_of_the_window_say_comes_with_the_page_in_its_language(client, profile):
    scripts = "\n".join(file.read_text("utf-8") for file in SCRIPTS.glob("*.js"))
    said = set(re.findall(r"'(\w+)'", "".join(re.findall(r"\bt\((.*)\)", scripts))))
    assert said > {"unreachable", "held"}
    code = re.sub(r"^\s*(//|/\*\*).*$", "", scripts, flags=re.MULTILINE)
    assert not re.findall(r"""['"`][A-Z]\w* \w+ [^'"`]*""", code), (
        "a sentence that nobody translates"
    )
    pages = ("/auth/", "/auth/keyring/callback", f"/me/{profile}/profile")
    for page in pages:
        in_german = client.get(page, headers={"Accept-Language": "de"}).text
        words = json.loads(re.search(r'id="words">(.*?)</script>', in_german, re.DOTALL)[1])
        assert said - {"InvalidStateError"} <= set(words), page
        assert words["unreachable"].startswith("Die Kommentare sind gerade nicht erreichbar."), page
