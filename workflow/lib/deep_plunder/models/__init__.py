"""Networks, model files, and running a model on a song.

- `architecture`: The record that each network states of itself, and a network of chosen sizes.
- `archive`: Read members of a model file, a zip archive, whoever made it, and replace one.
- `card`: Write and read the card of a model file, which describes the network in JSON.
- `compiled`: Compiled LSTM and pooling loops, for training the paper's network on a CPU.
- `detailed_levels`: The scale of detailed features for networks, and the first biases of outputs.
- `detect`: Find the clips of a song with a model.
- `figures`: Draw figure 3: a network, from its own layers and shapes.
- `inference`: Run a model over a song of any length in bounded memory.
- `layers`: Layers of networks, each with random seeds of its own.
- `model_file`: Write trained networks to files, and read them without running any code in them.
- `networks`: One module per network.
- `onnx_graph`: Write ONNX graphs operator by operator.
- `onnx_layers`: Layers of networks as operators of ONNX, each equal to the one that `models.layers`
  makes.
- `record`: Write and read how a model was trained: a member of its file, in JSON.
- `registry`: The networks by name.
- `runners`: Run a network on features of any length, in ONNX Runtime or in Keras.
- `storing`: Store a loaded model again, with 32 or with 16 bits per weight.
- `trunk`: The trunk of networks at two frame rates: residual blocks over frames, and over groups of
  frames.
- `weights`: Weights of networks by layer: read from HDF5 without Keras, and summed up in a digest.
"""
