"""Find moments of recordings in which one sound is heard alone, and cut them out.

The package holds all logic; it is importable and testable without Snakemake.
Importing it is cheap: no module imports TensorFlow or librosa before it needs it.
"""

__version__ = "0.1.0"
