"""`python -m tests.files --golden [NAME …]` writes missing (or the named) golden results of the corpus."""

import argparse

from tests.files import golden


def main() -> None:
    """Does what the arguments ask."""
    parser = argparse.ArgumentParser(prog="python -m tests.files", description=__doc__)
    parser.add_argument(
        "--golden", nargs="*", metavar="NAME", help="write golden results; read them before you commit them"
    )
    wanted = parser.parse_args()
    if wanted.golden is not None:
        golden.write(wanted.golden)


if __name__ == "__main__":
    main()
