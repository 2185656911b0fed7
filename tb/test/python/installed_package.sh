#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The installed package, with the installed program. Arguments: BUILD FOLDER CMAKE PYTHON PACKAGES
set -euo pipefail
build=$1 folder=$2 cmake=$3 python=$4 packages=$5
"$python" -c 'import numpy' || exit 77
unset EIE_DATA_DIR EIE_PROGRAM PYTHONPATH

rm -rf "$folder"
mkdir -p "$folder/empty"
for component in Python Runtime; do
  "$cmake" --install "$build" --prefix "$folder/prefix" --component $component >/dev/null
done
mv "$folder/prefix" "$folder/moved"  # so that a path into the prefix cannot go unnoticed
cd "$folder/empty"
PYTHONPATH=$folder/moved/$packages PATH=/usr/bin:/bin "$python" - "$folder/moved" <<'PYTHON'
import os
import sys

import eie
import numpy as np
from eie import _program

moved = sys.argv[1]
assert eie.__file__.startswith(moved), eie.__file__
assert eie.configs()["eie64"] == os.path.join(moved, "share/eie/configs/eie64.yaml"), eie.configs()
assert _program.find() == os.path.join(moved, "bin/eie"), _program.find()
assert os.path.exists(os.path.join(os.path.dirname(eie.__file__), "py.typed"))
assert os.path.exists(os.path.join(os.path.dirname(eie.__file__), "_eie.pyi"))
runs = [eie.run(np.eye(8), np.arange(8.0), config="eie4", engine=engine) for engine in ("tlm", "hw")]
assert [run.outputs.tolist() for run in runs] == [list(range(8))] * 2
assert runs[0].report.cycles == runs[1].report.cycles > 0
assert eie.Network("digits").run(eie.Network("digits").inputs[:2]).report.golden_match
PYTHON
[ -z "$(find "$folder/empty" -type f)" ] || { echo "FAILED: files were left behind" >&2; exit 1; }
echo passed
