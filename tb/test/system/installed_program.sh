#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The installed program, from a folder that knows nothing of the source tree. Arguments: BUILD FOLDER CMAKE
set -euo pipefail
build=$1 folder=$2 cmake=$3
unset EIE_DATA_DIR

fail() { echo "FAILED: $*" >&2; exit 1; }
# contains TEXT PART
contains() { [[ $1 == *"$2"* ]] || fail "'$2' is missing in: $1"; }

rm -rf "$folder"
mkdir -p "$folder/empty"
"$cmake" --install "$build" --prefix "$folder/prefix" --component Runtime >/dev/null
mv "$folder/prefix" "$folder/moved"  # so that a path into the prefix cannot go unnoticed
eie=$folder/moved/bin/eie
share=$folder/moved/share
here=$(cd "$(dirname "$0")" && pwd)
cd "$folder/empty"

# Configurations, workloads and networks by name.
contains "$("$eie" bench --engine tlm --layers alex8)" match
contains "$("$eie" info)" "$share/eie/configs/eie64.yaml"
contains "$("$eie" info eie64-lookahead)" "look-ahead of 8"
if message=$("$eie" run w.npy a.npy --config eie65 2>&1); then fail "an unknown configuration was taken"; fi
contains "$message" "nearest: eie64"
contains "$message" "searched $share/eie/configs"
if message=$("$eie" bench --config eie64 --set n_pe=32 2>&1); then fail "a changed configuration ran on engine hw"; fi
contains "$message" "--engine tlm runs it now; compile it in the source tree: eie info eie64 --set n_pe=32 --write "

# The page of a timeline comes whole out of the program; samples side by side do not change it.
"$eie" figure3 --timeline figure2.html >/dev/null
contains "$(cat figure2.html)" '<svg id="figure-pe"'
for jobs in 1 3; do "$eie" network digits --engine tlm --samples 9 --jobs $jobs --timeline "$jobs.html" >/dev/null; done
cmp 1.html 3.html
if message=$("$eie" figure3 --timeline figure2.vcd 2>&1); then fail "a timeline of an unknown kind was written"; fi
contains "$message" "expected a name that ends in .json (Perfetto) or .html (a page), or -"
[ ! -e figure2.vcd ] || fail "a file was left behind"

# Samples side by side: the same report and outputs.
for jobs in 1 3; do
  "$eie" network digits --engine tlm --samples 30 --jobs $jobs --json "$jobs.json" --raw-output "$jobs.npy" >/dev/null
done
cmp 1.npy 3.npy
python3 - <<'PYTHON'
import json

def without_time(value):
    if isinstance(value, dict):
        return {k: without_time(v) for k, v in value.items() if k not in ("host_seconds", "options")}
    return [without_time(v) for v in value] if isinstance(value, list) else value

one, three = (without_time(json.load(open(f"{jobs}.json"))) for jobs in (1, 3))
assert one == three, "reports of --jobs 1 and --jobs 3 differ"
assert one["samples"] == 30 or one["samples"]["count"] == 30
PYTHON

# Completion in bash, as bash-completion calls it.
complete_words() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _eie
  echo " ${COMPREPLY[*]} "
}
source "$share/bash-completion/completions/eie"
contains "$(complete_words "$eie" ru)" " run "
contains "$(complete_words "$eie" run --wei)" " --weights "
contains "$(complete_words "$eie" run --config eie64)" " eie64-lookahead "
contains "$(complete_words "$eie" run --engine t)" " tlm "
contains "$(complete_words "$eie" run --set queue)" " queue_depth= "
contains "$(complete_words "$eie" network dig)" " digits "
touch weights.npy
contains "$(complete_words "$eie" run wei)" " weights.npy "
contains "$(complete_words "$eie" run --weights wei)" " weights.npy "
contains "$(complete_words "$eie" run --engine = t)" " tlm "
contains "$(complete_words "$eie" run --engine =)" " rtl "
contains "$(/usr/bin/python3 "$here/zsh_completion.py" "$eie" "$share/zsh/site-functions")" passed
[[ $(head -n 1 "$share/zsh/site-functions/_eie") == "#compdef eie" ]] || fail "zsh does not take _eie for a completion"

# The manual page says nothing that troff warns of.
warnings=$(groff -man -Tutf8 -ww -z "$share/man/man1/eie.1" 2>&1)
[[ -z $warnings ]] || fail "$warnings"
page=$(groff -man -Tutf8 -P-c "$share/man/man1/eie.1" | sed 's/.\x08//g')
contains "$page" "--activations"
contains "$page" "EXIT STATUS"
echo passed
