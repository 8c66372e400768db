"""The page for people: the control plane's verbs, seen and clicked. Imported once it is opened."""
