"""What a handler may ask about its account's webhooks; what is behind it is the sandbox's.

In what words they are spoken of is the provider's.
"""

from __future__ import annotations

from typing import Protocol

from bodydouble.core.errors import FieldProblem
from bodydouble.core.webhooks import Delivery, Webhook, WebhookStatus


class Subscriptions(Protocol):
    """What a handler may ask about its account's webhooks."""

    async def webhooks(self) -> list[Webhook]:
        """All of them, oldest first."""
        ...

    async def webhook(self, id: str) -> Webhook | None:
        """One of them, or None."""
        ...

    def bad_address(self, url: str) -> FieldProblem | None:
        """What is wrong with ``url`` as a receiver's address, which no webhook may have then."""
        ...

    async def add(
        self, url: str, events: tuple[str, ...], secret: str, *, name: str = ""
    ) -> Webhook:
        """Makes one. Refused(INVALID) naming ``url`` for a bad address or one webhook too many."""
        ...

    async def change(
        self,
        webhook: Webhook,
        *,
        url: str | None = None,
        events: tuple[str, ...] | None = None,
        status: WebhookStatus | None = None,
        name: str | None = None,
    ) -> Webhook:
        """Changes what is given; made active, it gets what waited. Refused(INVALID) as `add`."""
        ...

    async def renew(self, webhook: Webhook, secret: str, *, old_for_us: int = 0) -> Webhook:
        """Gives it another secret; for so long it is signed with the old one, too."""
        ...

    async def remove(self, webhook: Webhook) -> None:
        """Drops one; what was on its way to it is dead."""
        ...

    async def deliveries(self) -> list[Delivery]:
        """The last 90 days', newest first."""
        ...

    async def delivery(self, id: str) -> Delivery | None:
        """One of them, or None."""
        ...

    async def replay(self, delivery: Delivery) -> Delivery:
        """Sends a finished delivery again, from a fresh count. Refused(INVALID) while pending."""
        ...

    async def test_delivery(self, webhook: Webhook, event: str) -> Delivery:
        """A delivery of ``event`` about nothing, for the caller to have sent at once."""
        ...
