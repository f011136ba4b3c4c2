#!/usr/bin/env bash
# Installs the MLflow that test/records/mlflow.test.ts starts: a Python environment of its own, in the user's cache folder, where
# the tools that walk this repository do not find its 800 MB. Prints the path of the `mlflow` command.
set -euo pipefail

version=3.17.2
folder="${XDG_CACHE_HOME:-$HOME/.cache}/masque/mlflow-$version"
if [[ ! -e "$folder/installed" ]]; then
  echo "installing mlflow $version into $folder (some 800 MB, two minutes)" >&2
  python3 -m venv --clear "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check "mlflow==$version" >&2
  touch "$folder/installed"
fi
echo "$folder/bin/mlflow"
