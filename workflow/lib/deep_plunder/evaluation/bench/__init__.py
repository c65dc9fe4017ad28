"""Benches: real music with exact truth, and scores of the regions found in it.

- `calibrate`: Calibrate a model on a bench: choose its decoder on the songs of the bench and on
  choices.
- `figures`: Draw the reliability diagram: the share of usable clips against their score.
- `find`: Find regions in the songs of a bench.
- `kinds`: Check what a folder is for a bench: one already, tracker modules, songs, or songs and
  phrases.
- `layout`: Read and write the files of a bench: a folder of real songs with exact truth.
- `least_score`: Choose the least score of the clips that are cut by default.
- `rendered`: Songs that are rendered for a bench: their truth on frames, and their files.
- `report`: Write the scores of all models and baselines on all benches side by side.
- `scores`: Score regions found in real music against its exact truth.
- `solo_notes`: Mark the notes of a solo phrase, on the phrase alone.
- `solo_plan`: Plan where solo phrases are laid into recorded songs: each once into a pause and once
  over one.
- `solos`: Render recorded songs with solo phrases: a bench of true notes, and of certainly false
  clips.
- `stems`: Render songs that come as two recordings into a bench of certainly false clips.
- `tables`: Score the regions found in the songs of a bench, and write small tables.
- `trackers`: Render tracker modules into a bench of songs with exact truth
  (`mixes.modules.render`).
- `tuning`: Choose a decoder on songs whose truth is exact.
"""
