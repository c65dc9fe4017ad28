"""Baselines for comparison with models.

- `forest`: Find regions with a random forest that classifies single frames.
- `named`: Return baselines by name: finders of regions without a network.
- `slices`: Cut songs at onsets and at silences: the baselines without training.
- `trees`: Check the trees of a random forest that was read from a file.
"""
