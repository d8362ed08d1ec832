"""The files of the sixth system are copied before they are run."""

collect_ignore = ["files"]
