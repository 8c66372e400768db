"""What is driven: an app in process, a URL, a cassette; its control plane, its webhooks."""
