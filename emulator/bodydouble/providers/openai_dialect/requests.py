"""What kinds of body a create of the dialect may be.

Source: the `openai` packages 3.57 (PyPI) and 7.57 (npm), which send multipart for every create;
codings: observed (gzip), and new-api's middleware/gzip.go (br, zstd), no other.
"""

from __future__ import annotations

from bodydouble.core.bodies import JSON, Reads
from bodydouble.core.forms import FORMS
from bodydouble.core.wire import Call

READS = Reads(media_types=(JSON, *FORMS), codings=("gzip", "br", "zstd"))


def is_form(call: Call) -> bool:
    """Whether the body is a form."""
    return call.media_type in FORMS
