#!/usr/bin/env bash
# Installs the MLflow that test/records/mlflow.test.ts starts: a Python environment of its own, in the user's cache folder, where
# the tools that walk this repository do not find its 850 MB. Prints the path of the `mlflow` command.
set -euo pipefail

requirements="$(dirname "$0")/mlflow-requirements.txt"
version=$(sed -n 's/^mlflow==//p' "$requirements")
folder="${XDG_CACHE_HOME:-$HOME/.cache}/masque/mlflow-$version"
if [[ ! -e "$folder/installed" ]]; then
  echo "installing mlflow $version into $folder (850 MB, two minutes)" >&2
  python3 -m venv --clear "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
  touch "$folder/installed"
fi
echo "$folder/bin/mlflow"
