"""What a vendor promises: profiles and OpenAPI documents, as data."""
