"""Fit a network and keep its best weights.

- `augmentation`: Vary what a network is fitted to: parts of mixes, at other levels.
- `checkpoints`: Checkpoints: the state of an unfinished training, so that it resumes where it
  stopped.
- `distillation`: Train on the outputs of other models in place of labels (distillation).
- `figures`: Figure 4: the losses of a training, epoch by epoch, on a logarithmic axis.
- `fit`: Fit a network epoch by epoch: its loss, its batches, its best weights.
- `losses`: Losses that leave out what is not known, in Keras operations, for any backend.
- `model_spec`: The settings of a model to train: an entry of the section ``models`` of the
  configuration.
- `spec`: The settings of a training, the rules that tie them to a network, and a row of its
  history.
- `tensorboard`: Log the progress of a training for TensorBoard.
- `train`: Train a network on cached features, and write its best weights and its history.
"""
