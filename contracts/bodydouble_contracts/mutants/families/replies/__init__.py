"""Sabotages of single replies: status, shape, JSON, pages, and what is accepted."""
