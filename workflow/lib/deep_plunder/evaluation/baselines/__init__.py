"""Baselines that models are compared with.

- `forest`: A random forest that tells frame by frame whether one sound is heard alone.
- `slices`: Find regions without a network: what a model has to beat.
"""
