"""The vendors' OpenAPI documents, served as JSON and as pages."""
