"""Plan and render mixes of every style.

- `events`: The rows of a plan in the paper's style, which planning writes and rendering reads.
- `figures`: Figure 2: a mix as waveform and spectrogram, with the regions of its library sounds.
- `modules`: Tracker modules as songs with exact truth.
- `plan`: Plan mixes: draw every event with all its parameters before any audio is read.
- `queues`: Endless queues of sounds and of songs that any mix can enter anywhere.
- `recordings`: Read parts of recordings for a mix: resampled, in mono or stereo, re-pitched.
- `render`: Render plans of mixes to audio and labels.
- `rendered`: The rendered mix, and writing mixes to disk.
- `scenes`: Musical scenes: synthetic pieces of sample-based music with known truth.
- `spec`: The settings of the mixes: the section ``mixes`` of the configuration.
- `store`: Store decoded and re-pitched audio on disk for all jobs.
- `styles`: Choose the style of each mix: the paper's, scenes, struck sounds or tracker modules.
- `tables`: Render mixes from the tables of their plans.
"""
