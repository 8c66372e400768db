"""The zoo: emulators sabotaged to break exactly one promise each, to judge the judge.

A stranger's zoo is a module with a list of `Mutant` classes, run with `--zoo module:LIST`.
"""

from bodydouble_contracts.zoo.creature import REGISTRY, Mutant, mutant
from bodydouble_contracts.zoo.messages import Answer, Ask

Request, Response = Ask, Answer

__all__ = ["REGISTRY", "Answer", "Ask", "Mutant", "Request", "Response", "mutant"]
