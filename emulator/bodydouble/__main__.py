"""`python -m bodydouble`: the command line where no script of that name is on the path."""

from bodydouble.cli import main

if __name__ == "__main__":
    main()
