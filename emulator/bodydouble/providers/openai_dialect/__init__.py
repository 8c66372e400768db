"""OpenAI's videos dialect, `POST /v1/videos` and its relatives: what several vendors share of it.

Reading only: a create comes as JSON or, from every official client, as `multipart/form-data` with
the first frame as a file. What a vendor makes of the members, and how it answers, is its own. It is
no provider.
"""
