"""new-api: what two vendors share about the program (very likely) beneath both. It is no provider.

Words only: routes, envelopes, bodies and billing of its stock wire, era C (from 2026-02-10), and
the money and headers that both vendors borrow from it. Facts come from its documents and from
reading its behaviour; no line of it is here (it is AGPL). Numbers such as C.5 are the fact sheet's.
"""
