"""What every command that asks a running server shares: where it is, which sandbox, what is shown.

A command is a function of the control client and a sandbox's id; `verb` gives it the options that
all of them have. ``--json`` prints the answer as it came; the sandbox is named by ``--sandbox`` or
``BODYDOUBLE_SANDBOX``, which `sandbox create --env` sets.
"""

from __future__ import annotations

import inspect
import json
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, get_type_hints

import typer

from bodydouble.client import Control, ControlError
from bodydouble.web.settings import DEFAULT_PORT

URL = f"http://127.0.0.1:{DEFAULT_PORT}"

Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="BODYDOUBLE_URL",
        help="a running server; SSL_CERT_FILE names the authority of `serve --tls`",
    ),
]
Token = Annotated[
    str, typer.Option("--token", envvar="BODYDOUBLE_CONTROL_TOKEN", help="its control token")
]
Which = Annotated[
    str, typer.Option("--sandbox", envvar="BODYDOUBLE_SANDBOX", help="the sandbox's id")
]
AsJson = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]

Lines = Callable[[Any], Iterable[str]]
_SHARED = {
    "which": (Which, ""),
    "as_json": (AsJson, False),
    "url": (Url, URL),
    "token": (Token, ""),
}


def verb(app: typer.Typer, name: str, lines: Lines, *, alone: bool = False) -> Callable[..., Any]:
    """Makes ``work(control, id, …)`` the command ``name``; its answer is shown as ``lines``.

    ``alone``: it is about the server, and ``work`` takes the control client only.
    """
    shared = {key: one for key, one in _SHARED.items() if not (alone and key == "which")}

    def made(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(**given: Any) -> None:
            told = {key: given.pop(key) for key in shared}
            with reached(told["url"], told["token"]) as control:
                about = () if alone else (named(told["which"]),)
                answer = work(control, *about, **given)
            show(answer, told["as_json"], lines)

        hints = get_type_hints(work, include_extras=True)
        own = list(inspect.signature(work).parameters.values())[1 if alone else 2 :]
        parameters = [
            one.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[one.name])
            for one in own
        ]
        parameters += [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=usual)
            for key, (kind, usual) in shared.items()
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        run.__doc__ = work.__doc__
        app.command(name)(run)
        return work

    return made


@contextmanager
def reached(url: str, token: str) -> Iterator[Control]:
    """The control plane at ``url``; what it refuses ends the command in one sentence."""
    try:
        # The system's authorities, so that SSL_CERT_FILE names that of `serve --tls`.
        verify = ssl.create_default_context() if url.startswith("https:") else True
        with Control(url, token or None, verify=verify) as control:
            yield control
    except ControlError as error:
        raise stopped(error.detail, 2 if error.status == 0 else 1) from None
    except ValueError as error:
        # A number JSON cannot say, or a token no header can carry.
        raise stopped(f"this cannot be sent: {error}") from None


def named(which: str) -> str:
    """The sandbox's id, or the end of the command."""
    if not which:
        raise stopped(
            "which sandbox? --sandbox ID, or BODYDOUBLE_SANDBOX=ID "
            '(eval "$(bodydouble sandbox create --env)" sets it)'
        )
    return which


def stopped(text: str, code: int = 2) -> typer.Exit:
    """Says why nothing more is done."""
    typer.echo(f"bodydouble: {text}", err=True)
    return typer.Exit(code)


def show(answer: Any, as_json: bool, lines: Lines) -> None:
    """Prints an answer whole, or what of it is for people."""
    text = json.dumps(answer, indent=2) if as_json else "\n".join(lines(answer))
    if text:
        typer.echo(text)


def fields(**given: Any) -> dict[str, Any]:
    """What was given at all."""
    return {name: value for name, value in given.items() if value not in (None, "", [])}


def columns(rows: Iterable[Iterable[Any]]) -> list[str]:
    """Rows as lines, each column as wide as its widest; control characters written out."""
    table = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def plain(cell: Any) -> str:
    """A value that steers no terminal; nothing for None."""
    text = "" if cell is None else str(cell)
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in text)


def done(answer: Any) -> list[str]:
    """Nothing to say: it is done."""
    return []
