"""The one door for files that a user brings: what an array holds is known before anything runs.

`content` hashes files and tells `file#array` apart; `files` opens an array by its header alone and reads it;
`conditions` compares it with what a key wants, in one line. Nothing is unpickled. The Snakefile imports `content`, so
this file imports nothing; the others cost NumPy, and Zarr where a store is opened.
"""
