"""The stores to test, as fixtures."""

from tests.stores.keepers import make_store, redis_url

__all__ = ["make_store", "redis_url"]
