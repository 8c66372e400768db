"""The rows of the observed sheet, each as a check of the stranger that imitates the program.

Modules go by sections. A check gets a fresh gateway and asks it as a client would; where the row
is about what a provider gets to see, it looks at what was sent there.
"""
