"""Mixes as shards of features and labels.

- `examples`: Turn mixes into what a network learns from: a shard of features and labels, and its
  regions.
- `shards`: Keep the features and labels of many mixes in two files, and read them in any order.
"""
