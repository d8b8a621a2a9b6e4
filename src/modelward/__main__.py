"""`python -m modelward`."""

from __future__ import annotations

from modelward.cli import main

if __name__ == "__main__":
    main()
