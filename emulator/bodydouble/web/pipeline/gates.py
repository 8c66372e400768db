"""What single gates of a request check: headers, key, limit. Their order is the pipeline's."""

from __future__ import annotations

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.keys import Claim, Key
from bodydouble.core.limits import Decision, Window
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import Operation, Provider, RequiredHeader
from bodydouble.core.wire import Call
from bodydouble.sandbox.open_sandbox import OpenSandbox


def check_headers(required: tuple[RequiredHeader, ...], call: Call) -> None:
    """Refused: HEADER."""
    for one in required:
        given = call.header(one.name.encode())
        if not given or (one.values and given not in one.values):
            raise Refused(Cause.HEADER, name=one.name, given=given)


def over(decision: Decision) -> Refused:
    """The refusal of a limit that is used up."""
    return Refused(
        Cause.RATE,
        limit=decision.limit,
        retry_after_s=decision.retry_after_s,
        policy=decision.policy,
    )


def check_key(key: Key, now_us: int) -> None:
    """Refused: REVOKED_KEY, EXPIRED_KEY."""
    if key.revoked:
        raise Refused(Cause.REVOKED_KEY, key=key.hint)
    if key.expires_at_us is not None and now_us >= key.expires_at_us:
        raise Refused(Cause.EXPIRED_KEY, key=key.hint)


def check_claim(claim: Claim, call: Call, real_us: int) -> None:
    """Refused: EXPIRED_KEY, with ``early`` where the claim is not good yet."""
    at_us = call.now_us if claim.clock and call.quirk(claim.clock) == "sandbox" else real_us
    if claim.from_us is not None and at_us < claim.from_us:
        raise Refused(Cause.EXPIRED_KEY, early=True)
    if claim.until_us is not None and at_us >= claim.until_us:
        raise Refused(Cause.EXPIRED_KEY)


async def account_of(provider: Provider, sandbox: OpenSandbox, key: Key) -> Account:
    """The key's account, opened when it is first asked for."""
    account = await sandbox.tx.get(Account, key.account)
    return account or await sandbox.account(provider, key.account.partition("/")[2])


async def windows_of(
    provider: Provider, call: Call, operation: Operation, who: tuple[OpenSandbox, Key]
) -> tuple[Window, ...]:
    """The limits that a request of a key is counted against, in its sandbox as it stands."""
    sandbox, key = who
    windows = provider.windows(call, key, operation)
    if provider.tightened is None or not windows:
        return windows
    return provider.tightened(windows, await account_of(provider, sandbox, key))
