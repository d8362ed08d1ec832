#!/bin/bash
# Everything about the GPU on one card, in less than eight minutes:
#   bash performance/gpu_on_card.sh OUT      # logs and JSON go to the folder OUT; exit status 1 where anything failed
# First the suite of every system, and small experiments through the driver, side by side; then six experiments by
# Snakemake, on the card and without it; then timings against their targets, one system after the other.
# Needs pytest, torch, triton, numba-cuda[cu13], snakemake and what the library imports (without a network: wheels on
# PYTHONPATH).
out=${1:?a folder for logs and JSON}
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
failed=0 jobs=()
part() { # name, seconds at most, command
  local begun=$SECONDS name=$1 most=$2
  shift 2
  timeout "$most" "$@" >"$out/$name.log" 2>&1
  local status=$?
  echo "$name: status $status, $((SECONDS - begun)) s; $(tail -n 1 "$out/$name.log")"
  return $status
}
for system in oscillators causal nca reasoning; do
  part "check_$system" 150 python3 -m pytest -q -m gpu --tb=short -p no:cacheprovider "tests/$system/kernels/test_on_card.py" &
  jobs+=($!)
done
part end_to_end 150 python3 performance/gpu_end_to_end.py &
jobs+=($!)
for job in "${jobs[@]}"; do wait "$job" || failed=1; done
part workflow 225 python3 performance/gpu_workflow.py --cores 16 --json "$out/workflow.json" || failed=1
for system in oscillators causal nca reasoning; do
  part "time_$system" 75 python3 performance/gpu.py --check --only $system --json "$out/$system.json" || failed=1
done
exit $failed
