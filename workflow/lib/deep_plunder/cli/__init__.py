"""The command ``deep-plunder``.

- `app`: Show the app in the browser: ``deep-plunder app [DIR]``.
- `arguments`: Add options that several subcommands have, and check the values of options.
- `completion`: Print a script that completes the command line: ``deep-plunder completion SHELL``.
- `doctor`: Check the installation: ``deep-plunder doctor``.
- `extract`: Cut clips out of songs: ``deep-plunder extract SONG... -o DIR``.
- `gallery`: Write the page on which clips are heard and chosen: ``deep-plunder gallery DIR``.
- `inspect`: Show what is found in a song: ``deep-plunder inspect SONG``.
- `kit`: Build a kit for samplers from extracted clips: ``deep-plunder kit DIR -o KIT``.
- `library`: List the sounds of a library that mixes would be made from: ``deep-plunder library
  PATH``.
- `main`: Run the command ``deep-plunder``.
- `playlist`: List the songs that mixes would be made from: ``deep-plunder playlist FILE...``.
- `progress`: Show the progress of a run as a bar with the time left.
- `report`: Report an extraction on standard output: as text for people, as JSON for programs, or
  not at all.
- `similar`: Rank clips by how alike they are to a sound: ``deep-plunder similar SOUND DIR...``.
"""
