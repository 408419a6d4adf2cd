"""Models from the hub: what there is to have, which files of it are needed, and how they get here, whole.

What is left to `huggingface_hub` and what is not. Its client (proxies, user agent), login, endpoint (HF_ENDPOINT),
addresses, the listing of a repository with every file's size and checksum, and the names of the hub's errors are its
own business, and used from there. The bytes are not: version 2 downloads into a file that belongs to one process and
is deleted when that ends, so nothing can be resumed after a stop; it compares sizes but no checksum; it can only be
stopped by an exception from a progress bar, and sleeps where it cannot be stopped at all. So one file here, transfer,
moves the bytes: Range requests that go on where the last process stopped, SHA-256 (git's SHA-1 for small files)
before a file counts as there, a look at the stop button with every packet.

Where the files go. Not into the hub's cache but into the data folder's models: there a model appears by one rename,
whole, needs no symbolic links (Windows), can be seen, copied and thrown away with undo, and no other program's files
are touched by that. What the hub's cache has already is taken from there, by a hard link where the disk allows it, so
that no byte is kept twice, else by a copy; none is fetched twice.
"""
