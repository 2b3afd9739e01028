"""`python -m lib.sandbox`."""

from lib.sandbox import main

if __name__ == "__main__":
    raise SystemExit(main())
