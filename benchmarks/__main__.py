"""Runs every benchmark: each module beside this one that offers `run()`.  `--large` adds what takes minutes."""

import argparse
import importlib
from pathlib import Path


def main() -> None:
    """Run all benchmarks, or those named, and print their ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these, such as: store")
    parser.add_argument("--large", action="store_true", help="also 8x10^7 records and 10^7 rows of CSV")
    chosen = parser.parse_args()
    found = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    for name in chosen.names or found:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").run(large=chosen.large)


if __name__ == "__main__":
    main()
