"""HTTP as the world speaks it: bodies, codings, proxies, other origins. No vendor, no sandbox."""
