"""The stores to test, as fixtures."""

from tests.stores.keepers import cluster_url, make_any_store, make_store, redis_url, valkey_url

__all__ = ["cluster_url", "make_any_store", "make_store", "redis_url", "valkey_url"]
