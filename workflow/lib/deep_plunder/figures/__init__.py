"""The paper's figures, and pictures of mixes and songs, one module each."""
