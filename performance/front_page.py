"""What the forest plot of the front page would weigh by Altair, and the numbers as a report of MultiQC.

    python -m venv /tmp/pages && /tmp/pages/bin/pip install altair vl-convert-python multiqc pandas
    /tmp/pages/bin/python performance/front_page.py results

Reads results/headlines.csv and results/index.html of a run; needs the peers, which the project itself does not.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import altair
import pandas as pd


def main(results: Path) -> None:
    """Print a line per page: its bytes and the seconds that it took."""
    table = pd.read_csv(results / "headlines.csv")
    compared = table[table["z"].notna()]
    index = (results / "index.html").read_text()
    drawn = sum(map(len, re.findall(r'<svg class="forest".*?</svg>', index)))
    print(f"index.html: {len(index):,} bytes, of which forest plot {drawn:,} for {len(compared)} comparisons")
    with tempfile.TemporaryDirectory() as folder:
        page, start = Path(folder, "forest.html"), time.perf_counter()
        chart = (
            altair.Chart(compared)
            .mark_circle()
            .encode(x="z", y="headline", color="verdict", tooltip="sentence")
        )
        chart.save(page, inline=True)
        print(f"Altair, inline: {page.stat().st_size:,} bytes, {time.perf_counter() - start:.1f} s")
        compared[["headline", "value", "lo", "hi", "expected"]].to_csv(
            Path(folder, "numbers_mqc.csv"), index=False
        )
        start = time.perf_counter()
        program = Path(sys.executable).with_name("multiqc")
        subprocess.run([program, "--quiet", "--force", "--outdir", f"{folder}/out", folder], check=True)
        size = Path(folder, "out", "multiqc_report.html").stat().st_size
        print(f"MultiQC, custom content: {size:,} bytes, {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
