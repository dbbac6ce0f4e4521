"""Mean and median of few numbers, equal to NumPy's.

A test has tens of thousands of short steps, and NumPy's own functions look at every kind of input first.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


MAD_TO_SD = 1.4826
"""Standard deviation of normal noise, as a multiple of its median absolute deviation."""


def mean(values: "NDArray[np.float64]") -> float:
    """Arithmetic mean of at least one number.

    >>> mean(np.array([1.0, 2.0, 6.0]))
    3.0
    """
    return float(np.add.reduce(values)) / values.size


def median(values: "NDArray[np.float64]") -> float:
    """Median of at least one number; NaN where one of them is.

    >>> median(np.array([3.0, 1.0, 2.0, 10.0]))
    2.5
    """
    middle = values.size // 2
    ordered = np.sort(values)
    if ordered[-1] != ordered[-1]:  # NaN is sorted to the end
        return float("nan")
    return float(ordered[middle]) if values.size % 2 else float((ordered[middle - 1] + ordered[middle]) / 2)
