"""From samples to log-mel frames.

- `detailed`: Detailed features: a long and a short window, and the stereo direction.
- `filters`: Windows and mel filters, equal to TensorFlow's to the last bit.
- `fine`: Fine features: several short windows per frame, up to 20 kHz, without low frequencies.
- `gain`: Raise the detailed features of a quiet song to the level of others.
- `hum`: Find a mains hum in detailed features, and take it away.
- `layout`: Where the levels of a frame lie in the spectrum.
- `log_mel`: Compute the log-mel spectrograms that the networks take.
- `spec`: The settings of the features.
- `tf_rounding`: Cosine and logarithm in single precision, rounded as TensorFlow rounds them.
- `ticks`: Place marks of frequency beside a spectrogram of mel bands: one per octave, at the notes
  A.
"""
