"""The profile of somebody who signs in: who they are here, and by what they come."""

from __future__ import annotations

import io
import re
import secrets
import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from PIL import Image

from afterword.core.db import db, transaction
from afterword.identity import accounts
from afterword.identity.accounts import Shown
from afterword.identity.models import Account, Errand, Identity, Passport, PassportKind, Picture
from afterword.jobs import worker
from afterword.operate import person
from afterword.posting import pictures
from afterword.sites import changes
from afterword.threads.models import Subscription
from tests import far, mailbox
from tests.authenticator import Device
from tests.conftest import BLOG, PAGE

ADA = Shown(
    kind=PassportKind.GITHUB,
    issuer="https://github.com",
    subject="7",
    label="ada",
    email="ada@reader.example",
    name="Ada",
    picture_url="https://pictures.example/ada.png",
)
BOB = Shown(kind=PassportKind.MASTODON, issuer="https://m.example", subject="9", label="@bob")


@pytest.fixture
def told(told, box):
    return {**told, "AFTERWORD_SMTP_URL": box.url}


@pytest.fixture
def account(app, site):
    with app.app_context(), transaction():
        return accounts.let_in(ADA)


@pytest.fixture
def me(app, account):
    """The address of Ada's page."""
    with app.app_context():
        return f"/me/{accounts.key(account)}"


@pytest.fixture
def bearer(app, site, account):
    with app.app_context(), transaction():
        token = accounts.give_token(db.session.merge(account), site_id=site.id)
    return {"Authorization": f"Bearer {token}"}


def passports(app):
    with app.app_context():
        return {one.label for one in db.session.query(Passport)}


def asked_to_join(client, me, mail):
    asked = client.post(f"{me}/profile/email", data={"email": "ada@work.example"})
    page = client.get(asked.headers["Location"]).text
    return re.search(r'name="handle" value="([^"]+)"', page)[1], mail()[-1]["Subject"][:6]


def with_passkey(client, me):
    device = Device()
    asked = client.post(f"{me}/profile/passkey/begin").json
    made = {"token": asked["token"], "credential": device.create(asked["options"])}
    client.post(f"{me}/profile/passkey", data={**made, "passkey_name": "Telephone"})
    return device


def sign_in_by(client, device):
    asked = client.post("/auth/passkey/begin").json
    used = {**asked, "credential": device.get(asked["options"])}
    del used["options"]
    return client.post("/auth/passkey", data=used)


def picture(side=300, kind="PNG", **said):
    kept = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(kept, kind, **said)
    return kept.getvalue()


def test_what_one_chooses_is_shown_with_what_one_writes_from_then_on(client, me, bearer, post):
    first = post(headers=bearer).json["comment"]["author"]
    said = {"name": "Ada L.", "website": "ada.example", "lang": "en", "picture": "on"}
    done = client.post(f"{me}/profile", data=said)
    assert "Your profile is kept." in client.get(done.headers["Location"]).text
    author = post("Again", headers=bearer).json["comment"]["author"]
    assert (first["name"], author["name"]) == ("Ada", "Ada L.")
    assert author["website"] == "https://ada.example/"


def test_ones_own_pages_speak_the_language_that_one_chose(client, me):
    french = {"Accept-Language": "fr"}
    assert client.get(me, headers=french).headers["Content-Language"] == "fr"
    client.post(f"{me}/profile", data={"name": "Ada", "lang": "de"})
    for path in (me, f"{me}/profile"):
        assert client.get(path, headers=french).headers["Content-Language"] == "de"
    assert client.get("/me", headers=french).headers["Content-Language"] == "fr"


def test_mails_speak_the_language_that_one_chose(client, me, mail):
    client.post(f"{me}/profile", data={"name": "Ada", "lang": "de"})
    client.post("/me", data={"email": ADA.email}, headers={"Accept-Language": "fr"})
    assert '<html lang="de"' in mailbox.html(mail()[-1])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"website": "javascript:1"}, "website"), ({"lang": "xx"}, "not spoken here")],
)
def test_what_cannot_be_is_said_and_kept_in_the_form(client, me, wrong, words):
    answer = client.post(f"{me}/profile", data={"name": "Ada L.", **wrong})
    assert answer.status_code == 400
    assert words in answer.text
    assert 'value="Ada L."' in answer.text


def test_one_more_address_is_joined_by_its_code_and_brings_its_comments(
    app, client, me, post, mail
):
    post("Written at work.", author={"name": "Ada", "email": "ada@work.example"})
    mail().clear()
    with app.app_context(), transaction() as session:
        from afterword.identity.models import Confirmation

        session.query(Confirmation).delete()
    handle, code = asked_to_join(client, me, mail)
    wrong = client.post(f"{me}/profile/code", data={"handle": handle, "code": "x"})
    assert wrong.status_code == 400
    client.post(f"{me}/profile/code", data={"handle": handle, "code": code})
    assert passports(app) == {"ada", "ada@work.example"}
    assert "Written at work." in client.get(me).text


def test_two_accounts_become_one_when_somebody_shows_both(app, account, bearer, post, client, me):
    with app.app_context():
        with transaction():
            other = accounts.let_in(BOB)
            token = accounts.give_token(other, site_id=1)
        post("As Bob.", headers={"Authorization": f"Bearer {token}"})
        with transaction() as session:
            accounts.join(session.get_one(Account, account.id), BOB)
        assert db.session.query(Account).count() == 1
    assert "As Bob." in client.get(me).text
    # The browser in which the other was signed in is this account's now.
    asked = {"url": PAGE}
    told = client.get(
        "/api/v1/me", query_string=asked, headers={"Authorization": f"Bearer {token}"}
    )
    assert told.json["author"]["name"] == "Ada"


def test_one_parts_from_a_way_to_sign_in_but_not_from_the_last(app, client, account, me):
    with app.app_context(), transaction() as session:
        accounts.join(session.get_one(Account, account.id), BOB)
        ids = {one.label: one.id for one in session.query(Passport)}
    client.post(f"{me}/profile/part", data={"passport": ids["@bob"]})
    assert passports(app) == {"ada"}
    last = client.post(f"{me}/profile/part", data={"passport": ids["ada"]})
    assert last.status_code == 409
    assert "only way" in last.text
    with app.app_context():
        with transaction():
            stranger = accounts.let_in(BOB)
        assert stranger.id != account.id, "it opens the profile no more"


def test_an_address_that_one_parts_from_opens_its_comments_no_more(app, client, account, me, post):
    post("With the address.", author={"name": "Ada", "email": ADA.email})
    assert "With the address." in client.get(me).text
    with app.app_context(), transaction() as session:
        mine = session.get_one(Account, account.id)
        accounts.author(mine, site_id=1)
        assert session.query(Identity).count() == 1
        accounts.join(mine, BOB)
        ids = {one.label: one.id for one in session.query(Passport)}
    client.post(f"{me}/profile/part", data={"passport": ids["ada"]})
    assert "With the address." not in client.get(me).text
    with app.app_context():
        assert db.session.query(Identity).count() == 0


def test_nobody_parts_another_from_theirs(app, client, me):
    with app.app_context(), transaction():
        other = accounts.let_in(BOB)
        theirs = other.passports[0].id
    assert client.post(f"{me}/profile/part", data={"passport": theirs}).status_code == 404


def test_a_picture_is_fetched_once_drawn_small_and_shown_from_here(
    app, client, account, bearer, post, internet, thread
):
    body = picture(exif=b"Exif\0\0secret place")
    internet.serve("pictures.example", far.answer(body, content_type="image/png"))
    post(headers=bearer)
    with app.app_context():
        with transaction() as session:
            pictures.want(session.get_one(Account, account.id))
        while worker.do_next():
            pass
    shown = thread()["comments"][0]["author"]["avatar"]
    assert shown.startswith("http://localhost:8000/pictures/")
    answer = client.get(shown.removeprefix("http://localhost:8000"))
    assert answer.mimetype == "image/webp"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert b"secret place" not in answer.data
    with Image.open(io.BytesIO(answer.data)) as drawn:
        assert drawn.size == (pictures.SIDE, pictures.SIDE)


def test_who_wants_no_picture_has_none_anywhere_any_more(
    app, client, account, me, bearer, post, internet, thread
):
    internet.serve("pictures.example", far.answer(picture(), content_type="image/png"))
    post(headers=bearer)
    with app.app_context():
        pictures.get(account.id)
    assert thread()["comments"][0]["author"]["avatar"]
    client.post(f"{me}/profile", data={"name": "Ada"})
    assert thread()["comments"][0]["author"]["avatar"] is None


def test_who_wants_no_picture_has_none_with_what_an_address_brings_that_they_join(
    app, client, me, post, mail, thread
):
    with app.app_context(), transaction():
        other = accounts.let_in(accounts.by_email("ada@work.example"))
        other.picture_id = "p" * 40
        token = accounts.give_token(other, site_id=1)
    post(headers={"Authorization": f"Bearer {token}"})
    assert thread()["comments"][0]["author"]["avatar"]
    client.post(f"{me}/profile", data={"name": "Ada"})
    handle, code = asked_to_join(client, me, mail)
    client.post(f"{me}/profile/code", data={"handle": handle, "code": code})
    assert thread()["comments"][0]["author"]["avatar"] is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        picture()[:-40],
        picture(side=5000),
        picture(kind="BMP"),
        picture(kind="TIFF"),
    ],
    ids=["nothing", "svg", "broken", "cut", "huge", "bmp", "tiff"],
)
def test_what_is_no_picture_of_a_face_is_none(body):
    assert pictures.draw(body) is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_of_every_usual_kind_are_drawn(kind):
    with Image.open(io.BytesIO(pictures.draw(picture(kind=kind)))) as drawn:
        assert (drawn.format, drawn.size) == ("WEBP", (pictures.SIDE, pictures.SIDE))


def test_a_passkey_signs_in_without_anything_else(client, me, account):
    device = with_passkey(client, me)
    assert "Telephone" in client.get(f"{me}/profile").text
    asked = client.post("/auth/passkey/begin").json
    used = {**asked, "credential": device.get(asked["options"])}
    del used["options"]
    done = client.post("/auth/passkey", data=used)
    assert "Ada" in client.get(done.json["me"] + "/profile").text
    again = client.post("/auth/passkey", data=used)
    assert again.status_code == 400, "an answer is good once"


def test_passkeys_of_both_open_what_two_accounts_have_become(app, client, me, account):
    with app.app_context(), transaction():
        other = accounts.let_in(BOB)
    with app.app_context():
        theirs = f"/me/{accounts.key(other)}"
    devices = [with_passkey(client, theirs), with_passkey(client, me)]
    with app.app_context(), transaction() as session:
        accounts.join(session.get_one(Account, account.id), BOB)
    devices.append(with_passkey(client, me))
    for device in devices:
        assert sign_in_by(client, device).status_code == 200


def test_a_passkey_that_was_removed_opens_nothing(client, me):
    device = with_passkey(client, me)
    client.post(f"{me}/profile/passkey/remove", data={"passkey": "1"})
    refused = sign_in_by(client, device)
    assert (refused.status_code, refused.json["code"]) == (400, "bad_request")


def test_a_challenge_of_another_browser_is_void(client, me):
    device = with_passkey(client, me)
    asked = client.post("/auth/passkey/begin").json
    said = {"token": asked["token"], "credential": device.get(asked["options"]), "browser": "x"}
    assert client.post("/auth/passkey", data=said).status_code == 400


def test_one_signs_out_everywhere(client, me, bearer):
    assert "Where you are signed in" in client.get(f"{me}/profile").text
    done = client.post(f"{me}/profile/sign-out")
    assert "signed out in every browser" in client.get(done.headers["Location"]).text
    told = client.get("/api/v1/me", query_string={"url": PAGE}, headers=bearer)
    assert told.json["author"] is None


def test_a_browser_that_confirmed_an_address_is_a_strangers_once_its_owner_signs_out_everywhere(
    app, client, me, mail, post
):
    stolen = {"Authorization": "Bearer " + "g" * 43}
    ada = {"name": "Ada", "email": ADA.email}
    said = post("One.", author=ada, headers=stolen).json["comment"]["id"]
    client.post(mailbox.link(mail()[-1], "/me/link/"))
    assert post("Two.", author=ada, headers=stolen).json["comment"]["author"]["is_verified"]
    post("Another's.", author={"name": "Bob"}, headers={"Authorization": "Bearer " + "b" * 43})
    with app.app_context():
        before = len(person.find(ADA.email).authors)
    assert f"{me}/profile/sign-out" in client.get(f"{me}/profile").text, "though no token is out"
    client.post(f"{me}/profile/sign-out")

    three = post("Three.", author=ada, headers=stolen, notify="site").json["comment"]
    assert not three["author"]["is_verified"]
    told = client.patch(
        f"/api/v1/comments/{said}", json={"text": "Changed."}, headers={"Origin": BLOG, **stolen}
    )
    assert told.json["code"] == "not_yours"
    with app.app_context():
        assert db.session.query(Subscription).count() == 0
        assert len(person.find(ADA.email).authors) == before, "an erasure finds it all the same"


def test_who_signs_out_everywhere_ends_the_addresses_of_their_own_page_too(app, client, me):
    client.post(f"{me}/profile/sign-out")
    for path in ("", "/all", "/profile"):
        assert client.get(f"{me}{path}").status_code == 400
    assert client.post(f"{me}/profile", data={"name": "Mallory"}).status_code == 400
    with app.app_context():
        account = db.session.query(Account).one()
        assert account.name == "Ada"
        assert client.get(f"/me/{accounts.key(account)}").status_code == 200


def test_a_sign_in_that_is_on_its_way_comes_to_nothing_when_one_signs_out_everywhere(
    app, client, me, account
):
    with app.app_context(), transaction() as session:
        said = {"state_hash": "s", "provider": "github", "issuer": "", "nonce": "", "verifier": ""}
        session.add(Errand(**said, browser_hash="", account_id=account.id))
    client.post(f"{me}/profile/sign-out")
    with app.app_context():
        assert db.session.query(Errand).count() == 0


def test_whose_blog_says_who_they_are_changes_nothing_here(app, client, site):
    secret, now = "a secret of the blog that nobody could guess", int(time.time())
    with app.app_context():
        changes.choose(site.id, {"sso_secret": secret})
    said = {"sub": "1", "name": "Ada", "aud": "http://localhost:8000", "jti": secrets.token_hex()}
    token = jwt.encode(
        {"alg": "HS256"}, {**said, "iat": now, "exp": now + 60}, OctKey.import_key(secret)
    )
    client.post("/api/v1/sign-in/sso", json={"token": token}, headers={"Origin": BLOG})
    with app.app_context():
        mine = f"/me/{accounts.key(db.session.query(Account).one())}"
    assert client.post(f"{mine}/profile", data={"name": "Eve"}).status_code == 409


def test_other_sites_forms_and_made_up_keys_do_nothing(client, me):
    paths = ("", "/email", "/code", "/part", "/sign-out", "/passkey", "/passkey/remove")
    for path in paths:
        cross = client.post(f"{me}/profile{path}", headers={"Sec-Fetch-Site": "cross-site"})
        assert cross.status_code == 403, path
        assert client.post(f"/me/x/profile{path}").status_code == 400, path
    assert client.get("/me/x/profile").status_code == 400


def test_nothing_of_an_account_is_left_after_an_erasure(app, client, account, me, bearer, post):
    post("Of mine.", headers=bearer)
    with app.app_context(), transaction() as session:
        session.add(Picture(id="p" * 40, body=b"a face"))
        session.get_one(Account, account.id).picture_id = "p" * 40
    with app.app_context():
        kept = person.written(person.of_account(db.session.get_one(Account, account.id)))
        assert kept["accounts"][0]["signs_in_by"][0]["label"] == "ada"
    client.post(f"{me}/erase")
    with app.app_context():
        for kind in (Account, Passport, Identity, Picture):
            assert db.session.query(kind).count() == 0, kind
    told = client.get("/api/v1/me", query_string={"url": PAGE}, headers=bearer)
    assert told.json["author"] is None
