"""For tests: an emulator in this process, its sandboxes, and suites for other people's parts.

`Emulator` runs until its ``with`` block ends, without a socket until somebody asks for its address;
`AsyncEmulator` is its twin for coroutines. What happens inside is the server's; this package starts
it, controls it through the control plane and reports what came of it.
"""

from __future__ import annotations

from bodydouble.conformance import Example, check_provider, check_store
from bodydouble.testing.async_sandbox import AsyncSandbox
from bodydouble.testing.emulator import AsyncEmulator, Emulator
from bodydouble.testing.sandbox import Sandbox
from bodydouble.testing.vendor import Vendor

__all__ = [
    "AsyncEmulator",
    "AsyncSandbox",
    "Emulator",
    "Example",
    "Sandbox",
    "Vendor",
    "check_provider",
    "check_store",
]
