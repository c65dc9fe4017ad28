"""The command ``deep-plunder``.

- `arguments`: Check the values of options.
- `extract`: Cut clips out of songs: ``deep-plunder extract SONG... -o DIR``.
- `main`: Run the command ``deep-plunder``.
- `progress`: Show the progress of a run as a bar with the time left.
"""
