"""The rows of the observed sheet in short, numbered by its sections, with the check of each.

The numbers are ours: the sheet has tables and lists. It refuses to know what the program answers.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.contracts.third_party.gateway_rows.caller import Caller

Check = Callable[[Caller], None]
CHECKS: dict[str, Check] = {}

SHEET = {
    "1.1": "a known route's reply names its request and the version",
    "1.2": "the form of a request id; the caller's own is not echoed",
    "1.3": "content types, of successful polls without a charset",
    "1.4": "a successful create tells the multipliers of its price",
    "1.5": "a 404 may be cached for a week",
    "1.6": "other paths are the dashboard's page",
    "1.7": "CORS where an origin asks",
    "1.8": "a preflight is a 204",
    "1.9": "OPTIONS without an origin is a 404",
    "1.10": "billing routes are compressed for whoever takes gzip",
    "1.11": "a create body may be compressed",
    "2.1": "a slash too many on a create is a 307 without the program's headers",
    "2.2": "a slash too few on the usage is a 301 in HTML",
    "2.3": "there are no lists",
    "2.4": "wrong verbs, HEAD, the plural create and doubled slashes are 404s",
    "2.5": "an unknown path is a 404 without a key",
    "2.6": "the files stand behind a check of the load, before the key",
    "3.1": "every bad key gets the same 401, one without quota, too",
    "3.2": "only two spellings of the scheme are cut off",
    "3.3": "forms of a key that are taken",
    "3.4": "x-api-key is no key on a create",
    "3.5": "a key may name a channel, an administrator's only",
    "3.6": "an address that a key is not for",
    "3.7": "a banned user, at the models, too",
    "3.8": "a key that is limited to other models creates nothing",
    "3.9": "such a key polls no unknown task",
    "3.10": "the gate speaks Chinese",
    "3.11": "Google's key and the query are none at the list of models",
    "3.12": "the query's key is one at a single model",
    "4.1": "bodies in which the gate finds no model",
    "4.2": "a body that is no JSON",
    "4.3": "a model that is no text",
    "4.4": "of two models the first",
    "4.5": "a broken multipart body",
    "4.6": "a body over the cap is a 400",
    "4.7": "a model that no channel has is a 503",
    "4.8": "four encodings, on both paths",
    "4.9": "a prompt is required",
    "4.10": "texts that are numbers",
    "4.11": "images that are a text",
    "4.12": "lengths out of bounds",
    "4.13": "lengths that count as not given",
    "4.14": "a bag that is no object is ignored",
    "4.15": "a bag with a wrong type is found out late, as a 500",
    "4.16": "values that are left to the provider, and what it says is passed on",
    "4.17": "the Sora kind has a code of its own for wrong types",
    "4.18": "Kling gets a square, and most of the documented body is gone",
    "4.19": "the size makes Kling's ratio",
    "4.20": "Kling gets no `seconds` of a JSON body",
    "4.21": "Kling gets the `seconds` of a form",
    "4.22": "an image makes an order of another path and action",
    "4.23": "images and input_reference are ignored",
    "4.24": "the bag overrides all but the model",
    "4.25": "Kling gets a signed token and a user agent",
    "4.26": "what Veo gets, and is billed for",
    "4.27": "what Doubao gets",
    "4.28": "the Sora kind gets the body as it came, under another model",
    "4.29": "Kling's native form",
    "4.30": "Jimeng's native form",
    "4.31": "a remix of an unknown task",
    "4.32": "a remix of a known task is a panic",
    "5.1": "the gateway's own create reply",
    "5.2": "the Sora kind's create reply is the provider's, in the gateway's order",
    "5.3": "Kling's code in a 200",
    "5.4": "a provider's 402, 404, 405, 500 come through",
    "5.5": "a provider's 400 comes through as a text",
    "5.6": "a provider's 429 loses its words and Retry-After",
    "5.7": "a provider that is not there",
    "5.8": "a model without a price",
    "5.9": "kinds of channel that have no video",
    "6.1": "members of the generic poll, in their order",
    "6.2": "result_url is absent until there is one; a failure's is its reason",
    "6.3": "quota turns 0 with the refund",
    "6.4": "start_time stays 0 where the first pass sees the end",
    "6.5": "the provider's body: as sent, after a pass sorted",
    "6.6": "the real channel here, and 0 on the dashboard",
    "6.7": "Kling in OpenAI's form",
    "6.8": "Veo in OpenAI's form",
    "6.9": "Doubao in OpenAI's form",
    "6.10": "the Sora kind in OpenAI's form",
    "6.11": "Veo on the path of generations",
    "6.12": "progress by kind of channel",
    "6.13": "an unknown task, and another user's",
    "6.14": "the file of a task that has not ended well",
    "6.15": "the file of a task",
    "6.16": "the Sora kind's file is whatever a 200 brings",
    "6.17": "links into the house and to odd ports are not opened",
    "7.1": "passes are 15, 30 or 60 seconds apart",
    "7.2": "a channel may do without the pause",
    "7.3": "a state that the Sora kind does not know fails the task",
    "7.4": "and the task goes on saying it",
    "7.5": "behind another gateway as Sora the order of passes decides",
    "7.6": "behind another gateway as Kling a task never starts",
    "8.1": "prices by kind",
    "8.2": "too little balance",
    "8.3": "too little quota of the key",
    "8.4": "refused creates are given back",
    "8.5": "a failure that a pass saw is refunded once, with a line of the log",
    "8.6": "a failure of Veo's that a client saw first is not",
    "8.7": "members of a key's usage",
    "8.8": "an unlimited key goes below zero",
    "8.9": "twenty looks at the usage in twenty minutes, shared with the login",
    "8.10": "the usage's own refusals",
    "8.11": "the billing routes",
    "8.12": "the dashboard's routes take no key",
    "8.13": "the log of a key",
    "8.14": "routes that want no key",
    "9.1": "the list of models",
    "9.2": "endpoints are unknown for a while after a change of prices",
    "9.3": "a single model is a built-in one",
    "9.4": "Google's list",
    "10.1": "the order of the checks",
    "10.2": "the form of a task's id",
    "10.3": "one envelope for each layer",
    "10.4": "no state, Kling's milliseconds and flat price",
    "10.5": "no limiter on the routes of videos",
}
LEFT_OUT: dict[str, str] = {}
"""Rows that are not imitated, and why: none."""
UNSEEN = {
    "4.32": "where the panic asks people to report it: the sheet cuts the address off",
    "5.8": "the words about a missing price, beyond that there are two languages and two names",
    "6.15": "which headers a provider's file server sends",
    "8.13": "the members of a log line that the sheet leaves out",
    "8.14": "what the program's state and price list hold",
    "9.4": "the names of Google's members that the sheet leaves out",
}
"""What a row itself leaves open, and the imitation fills in by its own choice."""


def row(number: str) -> Callable[[Check], Check]:
    """Enter the check of a row."""

    def enter(check: Check) -> Check:
        assert number in SHEET, number
        assert number not in CHECKS, number
        CHECKS[number] = check
        return check

    return enter
