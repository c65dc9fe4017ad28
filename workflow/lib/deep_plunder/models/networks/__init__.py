"""One module per network.

- `conv`: A small network, fast on a CPU: convolutions over bands, then over frames.
- `fine`: A network that hears fine features and distinguishes one sound from several.
- `grouped`: A network at a third of the cost of `two_rate`, which works on groups of frames
  throughout.
- `onf_conv`: Onsets and Frames with its original convolutions, for one pitch.
- `paper`: The network of the paper: stacks of bidirectional LSTMs (Braun, 2020, section 4.1, Figure
  3).
- `two_rate`: A network at two frame rates: residual convolutions over frames, and over groups of
  frames.
"""
