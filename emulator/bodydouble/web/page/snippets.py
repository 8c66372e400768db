"""What a newcomer pastes: the vendor's own sample request in three languages.

Each runs as it stands, with nothing installed beside the language, and prints the answer.
It is made of a vendor's sample and knows no vendor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from shlex import quote

from bodydouble.core.provider import Provider

_PYTHON = """import json, urllib.request

BASE, KEY = "{root}", "{key}"
HEADERS = {headers}

def call(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {{**HEADERS, "{header}": "{before}" + KEY}}
    request = urllib.request.Request(BASE + path, data, headers)
    return urllib.request.urlopen(request).read().decode()

print(call("{create}", json.loads({body!r})))
"""
_TYPESCRIPT = """const BASE = "{root}", KEY = "{key}";

const answer = await fetch(BASE + "{create}", {{
  method: "POST",
  headers: {{ ...{headers}, "{header}": `{before}${{KEY}}` }},
  body: JSON.stringify({body}),
}});
console.log(answer.status, await answer.text());
"""


def snippets(provider: Provider, root: str, key: str) -> Mapping[str, str]:
    """Language to text; empty where the vendor has no sample. ``root`` is where it is mounted."""
    sample = provider.sample
    if sample is None:
        return {}
    headers = {"Content-Type": "application/json", **(sample.headers or {})}
    body = json.dumps(dict(sample.body), ensure_ascii=True)
    header = provider.key_header.title()
    before = provider.key_headers("k")[provider.key_header][:-1]
    given = {header: before + key, **headers}
    named = "".join(f"  -H {quote(f'{name}: {value}')} \\\n" for name, value in given.items())
    curl = f"curl -sS {quote(root + sample.create)} \\\n{named}  -d {quote(body)}"
    words = {"root": root, "key": key, "create": sample.create, "header": header, "before": before}
    return {
        "curl": curl,
        "Python": _PYTHON.format(**words, headers=json.dumps(headers), body=body),
        "TypeScript": _TYPESCRIPT.format(**words, headers=json.dumps(headers), body=body),
    }
