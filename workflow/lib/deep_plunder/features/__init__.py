"""From samples to log-mel frames.

- `detailed`: Detailed features: two windows, and what differs between left and right.
- `filters`: Windows and mel filters, equal to TensorFlow's to the last bit.
- `log_mel`: Turn samples into log-mel spectrograms, as the networks hear them.
- `spec`: The settings of the features.
- `tf_rounding`: Cosine and logarithm in single precision, rounded as TensorFlow rounds them.
"""
