"""Mixes as shards of features and labels.

- `examples`: Turn mixes into what a network learns from: a shard of features and labels, and its
  regions.
- `labels`: The labels of a mix on the frames of its features.
- `mixes`: Mixes with what is labelled in them, as they are rendered or as they were kept on disk.
- `shards`: Keep the features and labels of many mixes in two files, and read them in any order.
"""
