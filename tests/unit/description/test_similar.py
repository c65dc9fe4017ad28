"""Distances of embeddings."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.description.similar import distances
from deep_plunder.util.rng import generator


@given(seed=st.integers(0, 999), count=st.integers(1, 30), size=st.integers(1, 8))
def test_units_do_not_matter_and_the_same_is_nearest(seed: int, count: int, size: int) -> None:
    random = generator(seed, "embeddings")
    others = random.normal(size=(count, size))
    one = others[random.integers(count)]
    apart = distances(one, others)
    assert apart.shape == (count,) and apart.min() == 0 and (apart >= 0).all()
    units = random.uniform(0.01, 100, size)
    np.testing.assert_allclose(distances(5 + one * units, 5 + others * units), apart, atol=1e-6)
