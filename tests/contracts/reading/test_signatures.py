"""A profile's way to say how a delivery is signed, against a published example of each way."""

from __future__ import annotations

from bodydouble_contracts.reading.signatures import code, headers_signed, parts

STANDARD = {
    "header": "webhook-signature",
    "pattern": "v1,(?P<mac>[A-Za-z0-9+/]{43}=)",
    "message": "{webhook-id}.{webhook-timestamp}.{body}",
    "time": "webhook-timestamp",
    "mac": "base64",
    "key_after": "whsec_",
}
TIMED = {"header": "X-Sig", "pattern": "t=(?P<t>[0-9]+),v1=(?P<mac>.+)", "message": "{t}.{body}"}
# The reference vector of the Standard Webhooks specification's own tests.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SENT = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_headers_are_signed_with_the_body_and_the_code_is_base64() -> None:
    told = parts(STANDARD, SENT.get)
    assert told is not None
    assert told["t"] == "1614265330"
    assert code(STANDARD, SECRET, told, BODY) == told["mac"]
    assert code(STANDARD, SECRET, told | {"webhook-id": "msg_other"}, BODY) != told["mac"]
    assert code(STANDARD, SECRET, told, BODY + b" ") != told["mac"]


def test_one_header_may_hold_time_and_code_under_a_plain_secret() -> None:
    told = parts(TIMED, {"X-Sig": "t=5,v1=ab"}.get)
    assert told == {"t": "5", "mac": "ab"}
    # By `openssl dgst -sha256 -hmac key`, of the text `5.` and the body.
    right = "f484d7314b096bcb1fadb64527177bd06f992df1d9dfcd328c4ee8dfb920f98e"
    assert code(TIMED, "key", told, BODY) == right
    assert headers_signed(TIMED) == []


def test_another_form_has_no_parts() -> None:
    assert parts(STANDARD, {"webhook-signature": "sha256=00"}.get) is None
    assert parts({}, SENT.get) is None
