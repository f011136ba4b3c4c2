#!/usr/bin/env bash
# A stand-in for sbatch: runs the tasks of an array one after the other, in the background, and a job that depends on it afterwards. What it
# was given stands in $FAKE_SLURM. It knows the options that masque uses, and fails on any other. Called squeue, it prints the jobs that have not ended.
set -euo pipefail
[[ "${1-}" == --version ]] && exec echo 'slurm 0 (stand-in)'
if [[ "$(basename "$0")" == squeue ]]; then
  for id in $(tr , ' ' <<<"${2#--jobs=}"); do [[ -e "$FAKE_SLURM/$id.ended" ]] || echo "$id"; done
  exit
fi
after=''
for argument in "$@"; do
  case "$argument" in
    --parsable) ;;
    --dependency=afterany:*) after="${argument#*:}" ;;
    -*) echo "sbatch: unrecognized option '$argument'" >&2 && exit 1 ;;
    *) script="$argument" ;;
  esac
done
id=$(($(ls "$FAKE_SLURM" | grep -c '\.sh$' || true) + 1))
cp "$script" "$FAKE_SLURM/$id.sh"
echo "$*" >>"$FAKE_SLURM/given"
option() { sed -n "s/^#SBATCH --$1=//p" "$script"; }
last="$(option array | sed 's/.*-//')"
(
  while [[ -n "$after" && ! -e "$FAKE_SLURM/$after.ended" ]]; do sleep 0.1; done
  for task in $(seq 0 "${last:-0}"); do
    log="$(option output | tr -d '"' | sed "s/%a/$task/")"
    SLURM_ARRAY_TASK_ID="$task" bash "$script" >"$log" 2>&1 || true
  done
  touch "$FAKE_SLURM/$id.ended"
) </dev/null >/dev/null 2>&1 &
echo "$id;cluster"
