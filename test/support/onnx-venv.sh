#!/usr/bin/env bash
# Installs the Python ONNX Runtime that tests compare exported networks with: a Python environment of its own, in the user's cache
# folder, where the tools that walk this repository do not find it. Prints the path of its `python`.
set -euo pipefail

requirements="$(dirname "$0")/onnx-requirements.txt"
version=$(sed -n 's/^onnxruntime==//p' "$requirements")
folder="${XDG_CACHE_HOME:-$HOME/.cache}/masque/onnxruntime-$version"
if [[ ! -e "$folder/installed" ]]; then
  echo "installing onnxruntime $version into $folder (150 MB, some seconds)" >&2
  python3 -m venv --clear "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
  touch "$folder/installed"
fi
echo "$folder/bin/python"
