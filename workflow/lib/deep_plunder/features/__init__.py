"""From samples to log-mel frames.

- `detailed`: Detailed features: two windows, and what differs between left and right.
- `filters`: Windows and mel filters, equal to TensorFlow's to the last bit.
- `log_mel`: Compute the log-mel spectrograms that the networks take.
- `spec`: The settings of the features.
- `tf_rounding`: Cosine and logarithm in single precision, rounded as TensorFlow rounds them.
"""
