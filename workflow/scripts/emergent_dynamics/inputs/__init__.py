"""A user's own files: arrays are checked before anything runs.

`content` hashes files and splits `file#array` into its parts; `files` opens an array by its header alone and reads it;
`conditions` compares it with what a key requires. Errors are one line. Nothing is unpickled. The Snakefile imports
`content`, so this file imports nothing; the other modules import NumPy, and Zarr when a store is opened.
"""

FORMAT = 1  # raised when other values are read from the same file; dependent results are then computed again
