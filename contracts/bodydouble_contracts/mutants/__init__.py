"""The zoo: emulators sabotaged to break exactly one promise each, to judge the judge.

A stranger's zoo is a module with a list of `Mutant` classes, run with `--zoo module:LIST`.
"""

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import REGISTRY, Mutant, mutant

Request, Response = Ask, Answer

__all__ = ["REGISTRY", "Answer", "Ask", "Mutant", "Request", "Response", "mutant"]
