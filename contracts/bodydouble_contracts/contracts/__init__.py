"""The contracts themselves, one module per family; importing a module enters its contracts."""
