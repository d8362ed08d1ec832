#!/bin/bash
# Everything about the GPU kernels on one card, in four minutes: the suite, its systems side by side, then timings.
#   bash performance/gpu_on_card.sh OUT      # logs and JSON go to the folder OUT; exit status 1 where anything failed
# Needs pytest, torch, triton, numba-cuda[cu13] and what the library imports (without a network: wheels on PYTHONPATH).
out=${1:?a folder for logs and JSON}
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
failed=0 jobs=()
for system in fields tokens worlds exponents; do
  timeout 170 python3 -m pytest -q -m gpu --tb=short tests/$system/kernels/test_on_card.py >"$out/check_$system.log" 2>&1 &
  jobs+=($!)
done
for job in "${jobs[@]}"; do wait "$job" || failed=1; done
tail -qn 1 "$out"/check_*.log
for system in oscillators causal nca reasoning; do
  timeout 75 python3 performance/gpu.py --check --only $system --json "$out/$system.json" 2>"$out/time_$system.log" || failed=1
done
exit $failed
