"""Baselines for comparison with models.

- `forest`: Find regions with a random forest that classifies single frames.
- `frames`: Compute the features of frames by which the forest decides whether one sound is heard
  alone.
- `named`: Return baselines by name: finders of regions without a network.
- `slices`: Cut songs at onsets and at silences: the baselines without training.
"""
