"""Networks, model files, and running a model on a song.

- `archive`: Read members of a model file, a zip archive, whoever made it.
- `compiled`: Compiled LSTM and pooling loops, for training the paper's network on a CPU.
- `detect`: Find the clips of a song with a model.
- `inference`: Run a model over a song of any length in bounded memory.
- `layers`: Make the layers that networks are built of, each with random seeds of its own.
- `model_file`: Keep trained networks in files, and load them without running anything that they
  hold.
- `networks`: One module per network.
- `onnx_graph`: Networks as ONNX graphs, which run without the library that trained them.
- `registry`: Build the networks: `paper`, `conv`, `default` and `grouped`, for real songs, and
  `onf_conv`.
- `sizes`: Name the networks, and check the sizes that a configuration gives them.
- `weights`: Weights of networks by layer: read from HDF5 without Keras, and summed up in a digest.
"""
