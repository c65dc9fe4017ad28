"""Names for the arrays that modules exchange."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Float32Array", "Float64Array"]

Float32Array = NDArray[np.float32]
"""An array of any shape in single precision, as audio and features."""

Float64Array = NDArray[np.float64]
"""An array of any shape in double precision, as times in seconds."""
