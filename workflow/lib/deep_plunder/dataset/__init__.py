"""Mixes as shards of features and labels.

- `choices`: Choices about clips as training examples, which stand beside the mixes.
- `examples`: Write mixes as training examples: a shard of features and labels, and its regions.
- `labels`: The labels of a mix on the frames of its features.
- `mixes`: Mixes with their labels, fresh from the renderer or read from disk.
- `shard_set`: Read shards in any order: the mixes of several shards as one sequence.
- `shards`: Write shards: the features and labels of many mixes as plain NumPy files.
- `with_choices`: Mixes and parts with choices as one sequence of training items.
"""
