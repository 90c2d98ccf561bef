"""Brier scores and calibration tables against scikit-learn, on seeded random deals.

``engine/forecast_accuracy.py`` is asked for scores of thousands of samples of every
size and base rate; ``brier_score_loss`` and ``calibration_curve`` of scikit-learn say
what they should be. Wanted: no difference above 1e-9.
"""

import random
import sys

from odoo.addons.sales_process.engine.forecast_accuracy import grouped, scores

# The group of requirements that ./dev bench installs for this script.
REQUIREMENTS = "bench-forecast"
SAMPLES = 2000
CLOSE = 1e-9


def main(_env, argv):
    """Compare; ``--quick`` takes a tenth of the samples.

    :return: 0 when both agree, else 1
    """
    try:
        from sklearn.calibration import calibration_curve
        from sklearn.metrics import brier_score_loss
    except ImportError as error:
        print(f"{error}: install the group “{REQUIREMENTS}” of pyproject.toml.")
        return 1
    dice, worst = random.Random(1), 0.0
    number = SAMPLES // 10 if "--quick" in argv else SAMPLES
    for _sample in range(number):
        size, power = dice.randint(2, 400), dice.choice((0.3, 1, 3))
        chances = [dice.random() ** power for _deal in range(size)]
        kept = [dice.random() < chance for chance in chances]
        kept[0], kept[1] = True, False  # scikit-learn wants both
        groups = grouped(zip(chances, kept, strict=True))
        found = scores(groups)
        worst = max(worst, abs(found.score - brier_score_loss(kept, chances)))
        won, said = calibration_curve(kept, chances, n_bins=10)
        for group, share, mean in zip(groups.values(), won, said, strict=True):
            worst = max(worst, abs(group.won - share), abs(group.said - mean))
        parts = found.reliability - found.resolution + found.uncertainty + found.within
        worst = max(worst, abs(parts - found.score))
    good = worst < CLOSE
    print(
        f"{number:,} samples, largest difference {worst:.1e}", "" if good else "TOO BIG"
    )
    sys.stdout.flush()
    return 0 if good else 1
