"""How a delivery proves whose it is: families of signatures, as values of `webhooks.Signature`."""
