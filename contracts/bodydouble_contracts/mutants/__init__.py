"""Emulators sabotaged to break exactly one promise each, to judge the judge.

Somebody else's are a list of `Mutant` classes in a module, run with `--mutants module:LIST`.
"""

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import REGISTRY, Mutant, mutant

__all__ = ["REGISTRY", "Answer", "Ask", "Mutant", "mutant"]
