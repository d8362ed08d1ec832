"""Snakemake without its start-up: a process that has imported it forks for every command (0.5 s instead of 2.5 s).

Reads lines of JSON {"argv", "cwd", "stdout", "stderr"} and answers each with the exit status. It has imported no
module of the workflow under test, so a child sees the files as they are when it starts.
"""

import json
import os
import sys
import traceback
from pathlib import Path

import jsonschema  # noqa: F401
import numpy  # noqa: F401
import snakemake.cli
import snakemake.profiles
import snakemake.report.html_reporter
import snakemake.storage


def main() -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(_command(json.loads(line)))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _command(asked: dict) -> int:
    os.chdir(asked["cwd"])
    sys.path[0] = asked["cwd"]  # as `python -m snakemake` has it
    for stream, number in (("stdout", 1), ("stderr", 2)):
        with Path(asked[stream]).open("w") as file:
            os.dup2(file.fileno(), number)
    sys.argv = ["snakemake", *asked["argv"]]
    try:
        snakemake.cli.main(asked["argv"])
    except SystemExit as end:
        if isinstance(end.code, str):  # as the interpreter does
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except BaseException:
        traceback.print_exc()
        return 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main()
