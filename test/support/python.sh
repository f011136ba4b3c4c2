#!/usr/bin/env bash
# Installs what tests run beside masque, each in a Python environment of its own in the user's cache folder, where the tools that walk this
# repository do not find it: `mlflow` (its server, 850 MB), `onnx` (Python's ONNX Runtime, which runs what we export), `c2pa` (the reference
# reader of C2PA manifests), `sklearn` (scikit-learn, whose metrics ours must equal), `s3` (moto, an S3-compatible server). Usage: python.sh <name>… Prints the folder of each. `findPython` in python.ts finds them.
set -euo pipefail

for name in "$@"; do
  requirements="$(dirname "$0")/$name-requirements.txt"
  folder="${XDG_CACHE_HOME:-$HOME/.cache}/masque/$name-$(sha256sum "$requirements" | cut -c 1-12)"
  if [[ ! -e "$folder/installed" ]]; then
    echo "installing $name into $folder" >&2
    python3 -m venv --clear "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
    touch "$folder/installed"
  fi
  echo "$folder"
done
