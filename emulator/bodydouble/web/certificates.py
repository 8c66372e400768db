"""A local certificate authority for clients that insist on https, made by trustme.

The authority lives in a folder of this run, readable by its owner only; it certifies this machine
and the vendors' own host names, and nothing else should ever trust it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bodydouble import providers

_LOCAL = ("localhost", "127.0.0.1", "::1")


def local_certificate(host: str) -> tuple[tuple[Path, Path], Path]:
    """((chain, private key), certificate authority) as PEM files; ValueError without trustme."""
    try:
        import trustme
    except ImportError:
        raise ValueError("--tls needs trustme: pip install 'bodydouble[tls]'") from None
    vendors = [name for vendor in providers.names() for name in providers.load(vendor).hosts]
    authority = trustme.CA()
    issued = authority.issue_cert(*dict.fromkeys((*_LOCAL, host, *vendors)))
    folder = Path(tempfile.mkdtemp(prefix="bodydouble-tls-"))
    chain, key, ca = (folder / name for name in ("chain.pem", "key.pem", "ca.pem"))
    for position, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(str(chain), append=position > 0)
    issued.private_key_pem.write_to_path(str(key))
    key.chmod(0o600)
    authority.cert_pem.write_to_path(str(ca))
    return (chain, key), ca
