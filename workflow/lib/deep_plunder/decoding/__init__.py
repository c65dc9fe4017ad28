"""From a network's outputs to clips with scores. No module here depends on a model.

- `calibration`: Calibrate raw scores: map them to the probability that a clip is usable.
- `clip`: Clips: regions of a song with a score.
- `decode`: Find the regions of a song with the decoder that belongs to the model.
- `deep`: Find clips with much of their power below the frequencies that a network hears.
- `hawthorne`: Decode a network's outputs as Onsets and Frames does: the alignment of the paper's
  footnote 4.
- `paper`: Decode a network's outputs as the paper does: intervals to score and clips to cut.
- `refine`: Move the edges of regions to where a recording changes, to a few milliseconds.
- `regions`: Find regions in a network's outputs, with the settings of the model's decoder.
- `settings`: Settings of a model's decoder: the block ``decoding`` of its card.
- `steady`: Find clips during which a steady sound goes on above the frequencies that a network
  hears.
"""
