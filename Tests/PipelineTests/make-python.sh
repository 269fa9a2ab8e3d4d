#!/usr/bin/env bash
# Makes a Python with what the tests take from it in the folder $1, once. The system packages that this takes, and a browser for
# the report of a backtest, are installed where they are missing.
set -euo pipefail
folder=$1
[ -e "$folder/ready-3" ] && exit 0
install() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  install apt-get update -q
  install apt-get install -qy python3-venv
fi
if ! command -v protoc >/dev/null; then
  install apt-get update -q
  install apt-get install -qy protobuf-compiler
fi
if ! command -v chromium >/dev/null; then
  install apt-get update -q
  install apt-get install -qy --no-install-recommends chromium
fi
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check pyzmq protobuf pandas==2.3.3 scikit-learn==1.7.2
touch "$folder/ready-3"
