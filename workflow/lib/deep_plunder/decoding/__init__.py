"""From the outputs of a network to clips with scores. No module here knows a model.

- `calibration`: Turn raw scores into the probability that a clip is usable.
- `clip`: Clips: regions of a song with a score.
- `decode`: Find the regions of a song as a model asks for it: the one way, for clips and for
  scores.
- `paper`: Turn a network's outputs into intervals, for scoring and for cutting.
- `refine`: Move the edges of regions to where a recording changes, to a few milliseconds.
- `regions`: Turn a network's outputs into regions: the decoder of models that bring settings of
  their own.
- `settings`: The numbers that say how a model's outputs become regions: the block ``decoding`` of
  its card.
"""
