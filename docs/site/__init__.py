"""The documentation's site: staged from the pages in `docs/`, completed by what the code tells.

`python -m docs.site` writes it to `build/site/html`. Nothing here is part of the product, nothing
it writes is committed, and a reader's browser fetches nothing of it from elsewhere.
"""
