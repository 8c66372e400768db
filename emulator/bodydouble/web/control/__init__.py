"""The control plane: sandboxes read and changed over HTTP, under ``/_bodydouble``."""
