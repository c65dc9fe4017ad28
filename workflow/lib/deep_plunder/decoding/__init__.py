"""From the outputs of a network to clips with scores. No module here knows a model.

- `calibration`: Calibrate raw scores: map them to the probability that a clip is usable.
- `clip`: Clips: regions of a song with a score.
- `decode`: Find the regions of a song as a model asks for it: the one way, for clips and for
  scores.
- `paper`: Decode a network's outputs as the paper does: intervals to score and clips to cut.
- `refine`: Move the edges of regions to where a recording changes, to a few milliseconds.
- `regions`: Find regions in a network's outputs, with the settings of the model's decoder.
- `settings`: The numbers that say how a model's outputs become regions: the block ``decoding`` of
  its card.
"""
