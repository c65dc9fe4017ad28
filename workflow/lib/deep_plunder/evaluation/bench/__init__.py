"""Benches: real music with exact truth, and how well regions are found in it.

- `figures`: The reliability diagram: how often clips of a score are usable, against the score.
- `find`: Find regions in the songs of a bench.
- `kinds`: Find out whether a folder is a bench, holds tracker modules, or neither.
- `layout`: The layout of a bench: a folder of real songs with exact truth.
- `report`: Write the figures of all models and baselines on all benches side by side.
- `scores`: Score regions found in real music against its exact truth.
- `tables`: Score the regions found in the songs of a bench, as two small tables.
- `trackers`: Render tracker modules into a bench of songs with exact truth
  (`mixes.modules.render`).
- `tuning`: Choose on a bench of real music how a model's outputs are turned into regions.
"""
