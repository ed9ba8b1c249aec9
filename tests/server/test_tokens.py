"""Bearer tokens: which are good, and every way in which one may not be. What is refused asks for a refresh."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm

from gofigr_jupyter.server import tokens
from gofigr_jupyter.server.store import people
from tests.schema.golden import assert_shape
from tests.server.team import API, PASSWORD, Team, who

Claims = dict[str, Any]


@pytest.fixture
def pair(team: Team) -> dict[str, str]:
    """Ada's tokens, as a sign-in makes them."""
    team.add("ada")
    with team.store.reading() as db:
        person = people.user_named(db, "ada")
        assert person is not None
        lives = {"access": tokens.ACCESS_LIFE, "refresh": tokens.REFRESH_LIFE}
        return {use: tokens.sign(db, person, use, life) for use, life in lives.items()}


def ring(team: Team) -> list[dict[str, str]]:
    with team.store.reading() as db:
        return json.loads(people.fact(db, tokens.RING) or "[]")


def bearer(team: Team, token: str) -> tuple[int, str | None]:
    """What the API says to a token: the status, and the code that makes clients refresh."""
    answer = team.client(f"Bearer {token}").get(f"{API}/user")
    return answer.status_code, answer.json().get("code") if answer.status_code != 200 else None


def part(token: str, number: int) -> Claims:
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(team: Team, token: str, *, key: str | None = None, headers: Claims | None = None, **claims: Any) -> str:
    """The token, signed again with our own key (or another) and other claims; None takes one out."""
    (newest,) = ring(team)
    changed = {name: value for name, value in (part(token, 1) | claims).items() if value is not None}
    return jwt.encode(changed, key or newest["secret"], "HS256", {"kid": newest["kid"]} | (headers or {}))


def test_a_token_says_whose_it_is_for_what_and_until_when(team: Team, pair: dict[str, str]) -> None:
    for use, life in (("access", tokens.ACCESS_LIFE), ("refresh", tokens.REFRESH_LIFE)):
        claims = part(pair[use], 1)
        assert set(claims) == set(tokens.CLAIMS)
        assert (claims["sub"], claims["use"], claims["ver"]) == (str(team.user("ada").id), use, 0)
        assert claims["exp"] - claims["iat"] == life.total_seconds()
        assert part(pair[use], 0) == {"alg": "HS256", "typ": "JWT", "kid": ring(team)[0]["kid"]}
    assert part(pair["access"], 1)["jti"] != part(pair["refresh"], 1)["jti"]


@pytest.mark.parametrize("body", ["data", "json"])
def test_remembered_tokens_live_longer(team: Team, body: str) -> None:
    credentials: Any = {
        "username": team.add("ada"),
        "password": PASSWORD,
        "remember_me": "true" if body == "data" else True,
    }
    answer = team.client().post("/api/token/", **{body: credentials})
    assert_shape("token_pair", answer.json())
    refresh = part(answer.json()["refresh"], 1)
    assert refresh["exp"] - refresh["iat"] == tokens.REMEMBERED_LIFE.total_seconds()


def test_a_fresh_token_is_good_and_can_be_refreshed(team: Team, pair: dict[str, str]) -> None:
    for _ in range(3):
        assert bearer(team, pair["access"]) == (200, None)
        answer = team.client().post("/api/token/refresh/", json={"refresh": pair["refresh"]})
        assert answer.status_code == 200
        assert_shape("access_token", answer.json())
        pair["access"] = answer.json()["access"]


def none(team: Team, token: str) -> str:
    return jwt.encode(part(token, 1), key="", algorithm="none", headers={"kid": ring(team)[0]["kid"]})


def none_spelt(team: Team, token: str) -> str:
    return f"{encoded(part(token, 0) | {'alg': 'nOnE'})}.{token.split('.')[1]}."


def unsigned(team: Team, token: str) -> str:
    return token.rpartition(".")[0] + "."


def other_subject_same_signature(team: Team, token: str) -> str:
    head, _, seal = token.split(".")
    return f"{head}.{encoded(part(token, 1) | {'sub': '2'})}.{seal}"


def rsa(team: Team, token: str) -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa as keys

    private = keys.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(
        part(token, 1),
        private,
        "RS256",
        {"kid": ring(team)[0]["kid"], "jwk": RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)},
    )


def other_hash(team: Team, token: str) -> str:
    newest = ring(team)[0]
    return jwt.encode(part(token, 1), newest["secret"], "HS512", {"kid": newest["kid"]})


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


TAMPERED: dict[str, Callable[[Team, str], str]] = {
    "no algorithm": none,
    "no algorithm, spelt differently": none_spelt,
    "no signature": unsigned,
    "another subject, the old signature": other_subject_same_signature,
    "another algorithm, with a key of its own": rsa,
    "our key with another hash": other_hash,
    "another server's key": lambda team, token: forged(team, token, key="ab" * 32),
    "a key that is easily guessed": lambda team, token: forged(team, token, key="0" * 32),
    "a key's name that we do not have": lambda team, token: forged(team, token, headers={"kid": "0" * 16}),
    "a key's name that is a path": lambda team, token: forged(team, token, headers={"kid": "../../dev/null"}),
    "no key's name": lambda team, token: jwt.encode(part(token, 1), ring(team)[0]["secret"], "HS256"),
    "a key of its own by address": lambda team, token: forged(
        team, token, key="ab" * 32, headers={"jku": "https://evil.example/keys"}
    ),
    "expired": lambda team, token: forged(team, token, exp=later(-1)),
    "without expiry": lambda team, token: forged(team, token, exp=None),
    "with an expiry that is no time": lambda team, token: forged(team, token, exp="never"),
    "without a use": lambda team, token: forged(team, token, use=None),
    "for another use": lambda team, token: forged(team, token, use="refresh"),
    "without a version": lambda team, token: forged(team, token, ver=None),
    "of another version": lambda team, token: forged(team, token, ver=1),
    "a version that is true": lambda team, token: forged(team, token, ver=False),
    "without an id": lambda team, token: forged(team, token, jti=None),
    "without a subject": lambda team, token: forged(team, token, sub=None),
    "of nobody": lambda team, token: forged(team, token, sub="4711"),
    "a subject that is no number": lambda team, token: forged(team, token, sub="1 OR 1=1"),
    "a subject with digits of another script": lambda team, token: forged(team, token, sub="１"),
    "a subject that no database holds": lambda team, token: forged(team, token, sub="9" * 40),
    "cut short": lambda team, token: token[:-5],
    "no token at all": lambda team, token: "x.y.z",
    "one part": lambda team, token: "abc",
    "empty parts": lambda team, token: "..",
    "letters beyond ASCII": lambda team, token: "é" + token,
    "very long": lambda team, token: token + "A" * 5_000,
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_is_refused(team: Team, pair: dict[str, str], how: str) -> None:
    bad = TAMPERED[how](team, pair["access"])
    answer = team.client().get(f"{API}/user", headers={"authorization": f"Bearer {bad}".encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid"), answer.text
    as_refresh = TAMPERED[how](team, pair["refresh"])
    if how != "for another use":
        answer = team.client().post("/api/token/refresh/", json={"refresh": as_refresh})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid"), answer.text


def test_each_is_good_for_its_own_use_only(team: Team, pair: dict[str, str]) -> None:
    assert bearer(team, pair["refresh"]) == (401, "token_not_valid")
    answer = team.client().post("/api/token/refresh/", json={"refresh": pair["access"]})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")
    for scheme in ("Token", "Basic", "bearer Token"):
        answer = team.client(f"{scheme} {pair['access']}").get(f"{API}/user")
        assert answer.status_code == 401


def test_a_clock_that_was_set_back_does_not_harm_a_fresh_token(team: Team, pair: dict[str, str]) -> None:
    assert bearer(team, forged(team, pair["access"], iat=later(3600))) == (200, None)


def test_keys_are_renewed_without_ending_what_they_signed(team: Team, pair: dict[str, str]) -> None:
    tokens.renew_signing_key(team.store)
    assert bearer(team, pair["access"]) == (200, None)
    newer = team.client().post("/api/token/refresh/", json={"refresh": pair["refresh"]}).json()["access"]
    assert part(newer, 0)["kid"] == ring(team)[0]["kid"] != part(pair["access"], 0)["kid"]
    tokens.renew_signing_key(team.store, end_all=True)
    for old in (pair["access"], newer):
        assert bearer(team, old) == (401, "token_not_valid")
    assert team.client().post("/api/token/refresh/", json={"refresh": pair["refresh"]}).status_code == 401
    assert bearer(team, team.token(team.client(), "ada").json()["access"]) == (200, None)


def test_a_key_is_renewed_when_it_is_old_and_kept_while_it_is_needed(team: Team) -> None:
    def age(days: int) -> None:
        aged = [key | {"drawn": (later(-days * 86_400)).isoformat()} for key in ring(team)]
        with team.store.writing() as db:
            people.remember(db, tokens.RING, json.dumps(aged))

    (first,) = ring(team)
    tokens.ensure_signing_key(team.store)
    assert ring(team) == [first]
    age(91)
    tokens.ensure_signing_key(team.store)
    assert [key["kid"] for key in ring(team)][1:] == [first["kid"]]
    age(91)  # the second one signs for three months: nothing of the first lives that long
    tokens.ensure_signing_key(team.store)
    assert first["kid"] not in [key["kid"] for key in ring(team)]
    assert len(ring(team)) == 2


def test_the_key_of_an_older_server_is_dropped(team: Team) -> None:
    old = {"sub": "1", "use": "access", "exp": later(100), "iat": later(0), "jti": "x"}
    with team.store.writing() as db:
        people.remember(db, "signing_key", "ab" * 32)
        people.forget(db, tokens.RING)
    tokens.ensure_signing_key(team.store)
    assert bearer(team, jwt.encode(old, "ab" * 32)) == (401, "token_not_valid")
    with team.store.reading() as db:
        assert people.fact(db, "signing_key") is None


def test_of_somebody_who_is_gone(team: Team, pair: dict[str, str]) -> None:
    with team.store.writing() as db:
        db.delete(people.user_named(db, "ada"))
    assert who(team.client(f"Bearer {pair['access']}")) is None
    assert bearer(team, pair["access"]) == (401, "token_not_valid")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"username=ada", 400), (b"", 400), (b"username=ada&password=" + b"x" * 5000, 400), (b"x" * 100_000, 413)],
)
def test_bodies_that_are_no_credentials(team: Team, body: bytes, status: int) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert team.client().post("/api/token/", content=body, headers=headers).status_code == status
