"""`python -m tests.faults.kill --trials N --seed S`: so many seeded trials, and a summary of what they found."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

from tests.faults.kernels import own_loop
from tests.faults.nursery import Nursery, nursery
from tests.faults.trial import Plan, Trial


@dataclass(frozen=True)
class Outcome:
    """What came of one trial."""

    seed: int
    problems: list[str]
    killed: list[str]
    shown: int
    promised: int
    seconds: float

    def __str__(self) -> str:
        """One line, and one for each problem."""
        words = f"seed {self.seed}: {self.shown} shown, {self.promised} promised, killed {self.killed or 'nothing'}"
        return "\n  ".join([f"{words}, {self.seconds:.1f} s", *self.problems])


@own_loop()
def play(source: Nursery, seed: int, mutant: str | None = None) -> Outcome:
    """One trial."""
    began, trial = time.monotonic(), Trial(source, Plan.of(seed), mutant)
    try:
        problems = trial.run()
    except Exception:
        problems = [traceback.format_exc()]
    if problems:
        problems.append(f"the folder is kept: {trial.folder}")
    else:
        trial.forget()
    promised = sum(one.is_promised for one in trial.shown)
    return Outcome(seed, problems, trial.killed, len(trial.shown), promised, time.monotonic() - began)


def play_many(
    source: Nursery, seeds: list[int], side_by_side: int = 4, each: Callable[[Outcome], None] = lambda _: None
) -> Iterator[Outcome]:
    """Several at a time: much of a trial is waiting."""
    with ThreadPoolExecutor(side_by_side) as pool:
        for outcome in pool.map(play, repeat(source), seeds):
            each(outcome)
            yield outcome


def main() -> int:
    """Run, print, and answer 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--side-by-side", type=int, default=4)
    chosen = parser.parse_args()
    began = time.monotonic()
    with nursery() as source:
        seeds = list(range(chosen.seed, chosen.seed + chosen.trials))
        outcomes = list(play_many(source, seeds, chosen.side_by_side, lambda o: print(o, flush=True)))
    bad = [outcome for outcome in outcomes if outcome.problems]
    killed = Counter(role for outcome in outcomes for role in outcome.killed)
    print(
        f"\n{len(outcomes)} trials in {time.monotonic() - began:.0f} s: killed {dict(killed)}; "
        f"{sum(o.shown for o in outcomes)} figures shown, {sum(o.promised for o in outcomes)} promised; "
        f"{len(bad)} trials broke a promise {[o.seed for o in bad] or ''}"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
