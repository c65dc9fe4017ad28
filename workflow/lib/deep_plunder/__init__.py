"""Find moments of recordings in which one sound is heard alone, and cut them out.

The package holds all logic and runs without Snakemake. It imports quickly: no module imports
TensorFlow or librosa before it needs them.
"""

__version__ = "0.1.0"
