"""The blog's own users: signed in by its word, once, for its site alone."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import time
from pathlib import Path

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from afterword.core.db import db, transaction
from afterword.identity import accounts, openid
from afterword.identity.models import Account, Author, Identity, IdentityKind
from afterword.sites import changes
from afterword.threads import subscriptions
from afterword.threads.models import Follows, Subscription
from tests import far
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow

SECRET = "a secret of the blog that nobody could guess"
SERVICE = "http://localhost:8000"
KEYS = "https://blog.example/.well-known/jwks.json"
DOCS = (Path(__file__).parents[2] / "docs" / "sign-in.md").read_text(encoding="utf-8")


@pytest.fixture
def blog(app, site):
    with app.app_context():
        return changes.choose(site.id, {"sso_secret": SECRET})


@pytest.fixture
def bring(client):
    def do(token, origin=BLOG):
        return client.post("/api/v1/sign-in/sso", json={"token": token}, headers={"Origin": origin})

    return do


def claims(**changed):
    now = int(time.time())
    said = {
        "sub": "42",
        "name": "Ada",
        "email": "ada@blog.example",
        "aud": SERVICE,
        "iat": now,
        "exp": now + 300,
        "jti": secrets.token_urlsafe(16),
        **changed,
    }
    return {name: value for name, value in said.items() if value is not None}


def signed(secret=SECRET, alg="HS256", **changed):
    return jwt.encode({"alg": alg}, claims(**changed), OctKey.import_key(secret), [alg])


def refused(answer, words=""):
    assert answer.status_code == 400, answer.text
    assert answer.json["code"] == "sign_in_failed"
    assert words in answer.json["detail"]
    return True


def test_a_user_of_the_blog_writes_under_the_name_that_it_says(blog, bring, post):
    given = bring(signed())
    assert given.status_code == 200, given.text
    bearer = {"Authorization": f"Bearer {given.json['token']}"}
    said = post(author={"name": "Eve"}, headers=bearer).json["comment"]["author"]
    assert (said["name"], said["is_verified"], said["is_moderator"]) == ("Ada", True, False)


def test_a_name_that_is_long_only_once_it_is_normal_is_cut(blog, bring):
    given = bring(signed(name="\u0958" * 31))
    assert given.json["author"]["name"] == "\u0915\u093c" * 30


def test_a_token_is_good_once(blog, bring):
    token = signed()
    assert bring(token).status_code == 200
    assert refused(bring(token), "used before")


def test_what_the_blog_says_now_holds(app, blog, bring, post):
    bring(signed(role="moderator"))
    bearer = {"Authorization": f"Bearer {bring(signed(name='Ada L.', role=None)).json['token']}"}
    said = post(headers=bearer).json["comment"]["author"]
    assert (said["name"], said["is_moderator"]) == ("Ada L.", False)
    with app.app_context():
        assert db.session.query(Account).count() == 1


def test_who_writes_for_the_blog_has_its_badge_and_appears_at_once(app, blog, bring, post, client):
    with app.app_context():
        changes.choose(blog.id, {"policy": "hold-all"})
    bearer = {"Authorization": f"Bearer {bring(signed(role='moderator')).json['token']}"}
    answer = post(headers=bearer)
    assert answer.status_code == 201
    assert answer.json["comment"]["author"]["is_moderator"] is True
    assert client.get("/admin/", headers=bearer).status_code in {302, 303}, "no way into the desk"


def test_who_writes_for_the_blog_changes_and_removes_what_they_said(app, blog, bring, post, client):
    bearer = {"Authorization": f"Bearer {bring(signed(role='moderator')).json['token']}"}
    comment = post("Good mornig.", headers=bearer).json["comment"]
    with app.app_context():
        changes.choose(blog.id, {"policy": "hold-all"})
    asked = {"headers": {"Origin": BLOG, **bearer}}
    path = f"/api/v1/comments/{comment['id']}"
    changed = client.patch(path, json={"text": "Good morning."}, **asked)
    assert (changed.status_code, changed.json["comment"]["state"]) == (200, "visible")
    mine = client.get("/api/v1/me/comments", query_string={"url": PAGE}, headers=bearer)
    assert [one["can_edit"] for one in mine.json["comments"]] == [True]
    assert client.delete(path, **asked).status_code == 200


def test_what_was_said_for_the_blog_is_not_changed_by_whose_the_address_is(
    app, blog, bring, post, client
):
    """Under the blog's badge stands what its user said, and nobody else."""
    bearer = {"Authorization": f"Bearer {bring(signed(role='moderator')).json['token']}"}
    comment = post("Good morning.", headers=bearer).json["comment"]
    with app.app_context(), transaction():
        account = accounts.let_in(accounts.by_email("ada@blog.example"))
        other = accounts.give_token(account, site_id=blog.id)
    asked = {"headers": {"Origin": BLOG, "Authorization": f"Bearer {other}"}}
    path = f"/api/v1/comments/{comment['id']}"
    assert client.patch(path, json={"text": "Not mine."}, **asked).json["code"] == "not_yours"
    assert client.delete(path, **asked).json["code"] == "not_yours"


def test_an_address_that_a_blog_claims_opens_nothing_elsewhere(app, blog, bring, post, client):
    victim = {"name": "Vic", "email": "vic@reader.example"}
    comment = post("Mine.", author=victim).json["comment"]
    bearer = {"Authorization": f"Bearer {bring(signed(email=victim['email'])).json['token']}"}
    changed = client.patch(
        f"/api/v1/comments/{comment['id']}",
        json={"text": "Not mine."},
        headers={"Origin": BLOG, **bearer},
    )
    assert changed.json["code"] == "not_yours"
    with app.app_context():
        changes.add("https://other.example")
    elsewhere = {"url": "https://other.example/x"}
    assert client.get("/api/v1/me", query_string=elsewhere, headers=bearer).json["author"] is None


def test_an_address_that_a_blog_claims_brings_and_restores_no_mail_of_another_site(
    app, blog, bring, post
):
    vic = "vic@reader.example"
    with app.app_context():
        other = changes.add("https://other.example")
    with app.app_context(), transaction() as session:
        session.add(owner := Author(site_id=other.id, token_hash="0" * 64))
        session.flush()
        session.add(Identity(author_id=owner.id, kind=IdentityKind.EMAIL, subject=vic))
        subscriptions.add(vic, Follows.REPLIES, site_id=other.id, page_id=None)
        subscriptions.end(session.query(Subscription).one())
    bearer = {"Authorization": f"Bearer {bring(signed(email=vic)).json['token']}"}
    assert post(headers=bearer, notify="site").status_code == 201
    there = {"Origin": "https://other.example", **bearer}
    for wish in ("replies", "thread", "site"):
        said = {"url": "https://other.example/x", "author": {"name": "Eve", "email": vic}}
        assert post(headers=there, notify=wish, **said).status_code == 201
    with app.app_context():
        left = db.session.query(Subscription).filter(Subscription.ended.is_(None))
        assert [(one.site_id, one.follows) for one in left] == [(blog.id, Follows.SITE)]


LIES = {
    "another secret": lambda: signed(secret="x" * 40),
    "another digest": lambda: signed(alg="HS512"),
    "no signature": lambda: _without_signature("none"),
    "NONE": lambda: _without_signature("nOnE"),
    "for another service": lambda: signed(aud="https://other.example"),
    "for several": lambda: signed(aud=[SERVICE, "https://other.example"]),
    "for nobody": lambda: signed(aud=None),
    "over": lambda: signed(iat=int(time.time()) - 500, exp=int(time.time()) - 200),
    "to come": lambda: signed(iat=int(time.time()) + 600, exp=int(time.time()) + 700),
    "for ever": lambda: signed(exp=int(time.time()) + 86_400),
    "without an end": lambda: signed(exp=None),
    "ends at a word": lambda: signed(exp="tomorrow"),
    "ends at true": lambda: signed(exp=True),
    "without a beginning": lambda: signed(iat=None),
    "of nobody": lambda: signed(sub=None),
    "of a number": lambda: signed(sub=42),
    "for any number of times": lambda: signed(jti=None),
    "no token": lambda: "x",
    "empty": lambda: "",
    "long": lambda: "x" * 9000,
    "nested": lambda: "W1tbW1tb.e30.x",
}


def _without_signature(algorithm):
    head, body, _ = signed().split(".")
    from base64 import urlsafe_b64encode

    said = json.dumps({"alg": algorithm}).encode()
    head = urlsafe_b64encode(said).rstrip(b"=").decode()
    return f"{head}.{body}."


@pytest.mark.parametrize("lie", LIES)
def test_what_is_not_the_blogs_word_is_refused(app, blog, bring, lie):
    assert refused(bring(LIES[lie]()))
    with app.app_context():
        assert db.session.query(Account).count() == 0


@pytest.mark.parametrize("text", ["4\0", "\0", "\ud800"])
@pytest.mark.parametrize("member", ["sub", "jti", "name", "picture", "email"])
def test_what_cannot_be_stored_is_no_text_of_the_blog(blog, bring, member, text):
    said = json.dumps(claims(**{member: text})).encode()
    key = OctKey.import_key(SECRET)
    done = bring(jws.serialize_compact({"alg": "HS256"}, said, key, ["HS256"]))
    assert refused(done, "sub and jti") if member in {"sub", "jti"} else done.status_code == 200


def test_a_site_that_set_nothing_up_takes_no_token(client, site, bring):
    assert bring(signed()).json["code"] == "not_offered"


def test_another_sites_secret_signs_nobody_in(app, blog, bring):
    with app.app_context():
        other = changes.add("https://other.example")
        changes.choose(other.id, {"sso_secret": "another secret, of another blog, not this"})
    assert refused(bring(signed(), origin="https://other.example"))


@pytest.fixture(params=["RS256", "ES256"])
def keyed(request, app, site, internet):
    """A blog that signs with a key of which the public half is at its address."""
    openid._kept.clear()
    make = RSAKey.generate_key if request.param == "RS256" else ECKey.generate_key
    key = make(2048 if request.param == "RS256" else "P-256", {"kid": "one"})
    public = json.dumps(KeySet([key]).as_dict(private=False)).encode()
    internet.serve("blog.example", far.answer(public, content_type="application/json"))
    with app.app_context():
        changes.choose(site.id, {"sso_keys": KEYS})
    return request.param, key


def test_public_keys_are_fetched_from_the_blog(keyed, bring):
    algorithm, key = keyed
    token = jwt.encode({"alg": algorithm, "kid": "one"}, claims(), key, [algorithm])
    assert bring(token).status_code == 200


def test_a_blog_is_not_asked_for_keys_by_each_token_that_names_an_unknown_one(
    keyed, bring, internet
):
    algorithm, key = keyed
    public = json.dumps(KeySet([key]).as_dict(private=False)).encode()
    blog = internet.serve("blog.example", far.answer(public, content_type="application/json"))
    for _ in range(4):
        assert refused(
            bring(jwt.encode({"alg": algorithm, "kid": "x"}, claims(), key, [algorithm]))
        )
    assert len(blog.requests) == 2
    known = jwt.encode({"alg": algorithm, "kid": "one"}, claims(), key, [algorithm])
    assert bring(known).status_code == 200


def test_a_blog_may_change_its_keys(keyed, bring, internet):
    algorithm, key = keyed
    token = jwt.encode({"alg": algorithm, "kid": "one"}, claims(), key, [algorithm])
    assert bring(token).status_code == 200
    other = type(key).generate_key(2048 if algorithm == "RS256" else "P-256", {"kid": "two"})
    public = json.dumps(KeySet([other]).as_dict(private=False)).encode()
    internet.serve("blog.example", far.answer(public, content_type="application/json"))
    token = jwt.encode({"alg": algorithm, "kid": "two"}, claims(), other, [algorithm])
    assert bring(token).status_code == 200


def test_a_public_key_is_no_secret(keyed, bring):
    """Algorithm confusion: an HMAC keyed with the text of the public key, which anybody has."""
    _, key = keyed
    for text in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
        import base64
        import hashlib
        import hmac

        def part(said):
            return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()

        signing = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims())}"
        mac = hmac.digest(text, signing.encode(), hashlib.sha256)
        forged = f"{signing}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        assert refused(bring(forged))


def test_a_key_in_the_token_itself_is_not_asked(keyed, bring):
    algorithm, _ = keyed
    own = RSAKey.generate_key(2048) if algorithm == "RS256" else ECKey.generate_key("P-256")
    head = {"alg": algorithm, "jwk": own.as_dict(private=False)}
    assert refused(bring(jwt.encode(head, claims(), own, [algorithm])))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("sso_secret", "short"),
        ("sso_keys", "http://blog.example/keys"),
        ("sso_keys", "blog.example"),
    ],
)
def test_what_would_not_be_safe_is_no_choice(app, site, option, value):
    from afterword.sites.options import WrongOption

    with app.app_context(), pytest.raises(WrongOption):
        changes.choose(site.id, {option: value})


def example(language):
    (code,) = re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    return code


def test_the_example_in_python_signs_in(blog, bring):
    made = {}
    exec(example("python"), made)
    user = {"id": 7, "name": "Ada", "email": "ada@blog.example"}
    assert bring(made["comments_token"](user, SECRET, SERVICE)).status_code == 200


def test_the_example_in_node_signs_in(blog, bring, tmp_path):
    (tmp_path / "token.mjs").write_text(example("js"), encoding="utf-8")
    user = "{id: 7, name: 'Ada', email: 'a@b.example'}"
    call = (
        "import {commentsToken} from './token.mjs';"
        f"console.log(commentsToken({user}, '{SECRET}', '{SERVICE}'))"
    )
    token = _said(["node", "--input-type=module", "--eval", call], tmp_path)
    assert bring(token).status_code == 200


@pytest.mark.slow  # where PHP has to be installed first
def test_the_example_in_php_signs_in(blog, bring, tmp_path):
    call = (
        f"\necho comments_token(['id' => 7, 'name' => 'Ada', 'email' => 'a@b.example'],"
        f" '{SECRET}', '{SERVICE}');"
    )
    (tmp_path / "token.php").write_text(example("php") + call, encoding="utf-8")
    assert bring(_said([_php(), "token.php"], tmp_path)).status_code == 200


def _php():
    """Where PHP is, which is installed as the servers that tests need are."""
    command = ["bash", str(Path(__file__).parents[1] / "install-php.sh")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _said(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
