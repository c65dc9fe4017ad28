"""Compiled LSTM and pooling loops, for training the paper's network on a CPU.

- `compiling`: Compile functions with numba, with two operations that it lacks.
- `keras_layers`: Let layers that are slow or large in Keras run in compiled code.
- `lstm`: Compute an LSTM, and its gradient, by the compiled loop.
- `lstm_loop`: Run the loop of an LSTM over its frames, and its gradient, in compiled code.
- `pooling`: Cut off what is below 0 and take the greatest of neighbouring features, in compiled
  code.
"""
