"""The app: a page on this machine for songs, their clips and kits.

- `guard`: Refuse requests that do not come from the app's own page.
- `marks`: Keep which clips were accepted and rejected.
- `page`: The page of the app.
- `queue`: Keep the songs of the app in order, each with its state.
- `routes`: Answer the requests of the app's page.
- `runner`: Extract the songs of the queue, one after the other, in a process of its own.
- `serve`: Serve the app on the local address.
- `songs`: Read and write the list of the app's songs, each with its state.
"""
