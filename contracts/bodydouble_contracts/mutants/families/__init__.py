"""The sabotages, by what they break; importing a module enters its mutants into the registry."""
