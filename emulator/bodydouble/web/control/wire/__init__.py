"""How the control plane reads and answers: bodies, problems, access. No verb lives here."""
