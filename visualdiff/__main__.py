"""`python -m visualdiff`."""

from visualdiff.cli import main

if __name__ == "__main__":
    main()
