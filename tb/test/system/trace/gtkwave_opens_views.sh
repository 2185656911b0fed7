#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GTKWave itself, on a screen that nobody sees: it finds the dump of a view from any folder and after a move, and shows every
# trace that the view names, at its time. Usage: gtkwave_opens_views.sh EIE. Exit status 77: what it needs is not installed.
set -euo pipefail
eie=$(realpath "$1")
for tool in gtkwave xvfb-run xauth; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is not there; expected gtkwave, xvfb and xauth of Debian"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/made" "$folder/elsewhere"
cd "$folder/made"
# A layer of 40 x 60, about a third of it non-zero: enough to stall four PEs.
awk 'BEGIN { for (i = 0; i < 40; ++i) { for (j = 0; j < 60; ++j) printf "%s%d", j ? "," : "", (i * 7 + j * 13) % 3 ? 0 : i % 5 - j % 7
             print "" } }' >W.csv
awk 'BEGIN { for (j = 0; j < 60; ++j) print j % 4 ? j % 9 - 4 : 0 }' >a.csv
waves=waves.${2:-vcd}
"$eie" run W.csv a.csv --config eie4 --trace "$waves" >run.log

cat >"$folder/ask.tcl" <<'TCL'
puts "traces [gtkwave::getTotalNumTraces]"
puts "start [gtkwave::getWindowStartTime]"
puts "marker [gtkwave::getMarker] [gtkwave::getNamedMarker A]"
gtkwave::/File/Quit
TCL

# ask VIEW: what GTKWave says must be what the view says.
ask() {
  local view=$1 said wanted
  said=$(timeout 60 xvfb-run -a gtkwave -S "$folder/ask.tcl" "$view" 2>"$folder/log") ||
    { echo "gtkwave $view: status $?"; cat "$folder/log"; exit 1; }
  wanted="traces $(grep -c '^+{\|^-' "$view")
start $(sed -n 's/^\[timestart\] //p' "$view")
marker $(awk '/^\*/ { print $2, $3 }' "$view")"
  if [ "$(grep -v '^Exiting' <<<"$said")" != "$wanted" ]; then
    printf 'gtkwave %s shows:\n%s\nexpected:\n%s\n' "$view" "$said" "$wanted"
    exit 1
  fi
  echo "gtkwave $view: $(head -1 <<<"$said")"
}

ask waves.gtkw
cd "$folder/elsewhere"
ask ../made/waves.gtkw
"$eie" waves "../made/$waves" --pe 2 -o other.gtkw >/dev/null
ask other.gtkw
cd /
ask "$folder/elsewhere/other.gtkw"
mkdir "$folder/moved"
mv "$folder/made/$waves" "$folder/made/waves.gtkw" "$folder/moved"
ask "$folder/moved/waves.gtkw"
# A view whose dump has gone is an error, so that the above could have failed.
if timeout 60 xvfb-run -a gtkwave -x "$folder/elsewhere/other.gtkw" >/dev/null 2>&1; then
  echo "gtkwave opens a view without its dump"
  exit 1
fi
