"""Baselines that models are compared with.

- `forest`: A random forest that tells frame by frame whether one sound is heard alone.
- `named`: The baselines by name: ways to find regions without a network, which a model has to beat.
- `slices`: Cut songs at onsets and at silences: the baselines without training.
"""
