"""Train a network and write its best weights.

- `augmentation`: Augment training data: draw parts of mixes, and vary their levels and spectra.
- `batches`: Choose the items of each batch of a training.
- `checkpoints`: Read and write checkpoints, from which an unfinished training resumes.
- `class_scores`: Measure how often the classes that a forest states are right.
- `classes`: Train the forest that recognises the class of a sound, and measure it on unseen
  sources.
- `compiling`: Compile a network for its training: the optimizer, the learning rate and the losses.
- `devices`: Divide each batch of a training among several devices of one machine.
- `distillation`: Train on the outputs of other models in place of labels (distillation).
- `figures`: Draw figure 4: the losses of a training, epoch by epoch, on a logarithmic axis.
- `fit`: Fit a network epoch by epoch: its loss, its batches, its best weights.
- `inputs`: Prepare the batches of a training: read parts of items, augment them, and form their
  targets.
- `losses`: Compute losses over known labels only, in Keras operations, for any backend.
- `model_spec`: The settings of a model: an entry of the section ``models`` of the configuration.
- `normalization`: Compute the statistics of batch normalization anew, from training batches.
- `progress`: Keep the losses of an unfinished epoch, in a form that a checkpoint holds.
- `spec`: The settings of a training, their rules, and the rows of its history.
- `tensorboard`: Log the progress of a training for TensorBoard.
- `train`: Train a network on cached features, and write its best weights and its history.
"""
