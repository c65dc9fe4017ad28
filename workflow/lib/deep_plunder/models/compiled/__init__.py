"""Compiled LSTM and pooling loops, for training the paper's network on a CPU.

- `compiling`: Compile functions with numba, with two operations that it lacks.
- `keras_layers`: Run the layers that are slow or large in Keras in compiled code.
- `lstm`: Compute an LSTM and its gradient with the compiled loop.
- `lstm_loop`: The loop of an LSTM over its frames, and its gradient, in compiled code.
- `pooling`: ReLU and max pooling along the features, in compiled code.
"""
