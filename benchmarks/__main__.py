"""Runs the benchmarks, and says which bars of the design are met.  `--large` adds what takes minutes.

python -m benchmarks [store] [imports] [pages] [live] [clocks] [--large]
"""

import argparse

from benchmarks import clocks, imports, live, pages, store

BENCHMARKS = {"store": store.run, "imports": imports.run, "pages": pages.run, "live": live.run, "clocks": clocks.run}


def main() -> None:
    """Run all benchmarks, or those named, print their figures and at the end every bar."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="only these")
    parser.add_argument("--large", action="store_true", help="also 8x10^7 records, 10^7 rows of CSV, 100 seeds")
    chosen = parser.parse_args()
    bars = []
    for name in chosen.names or BENCHMARKS:
        print(f"\n== {name}", flush=True)
        bars += BENCHMARKS[name](large=chosen.large)
    print("\n== bars")
    for bar in bars:
        print(bar)


if __name__ == "__main__":
    main()
