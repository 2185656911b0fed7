#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scripts for Catapult and Stratus (scripts/synthesis) as far as they can be tried without these tools: a Tcl shell runs them
on commands that only write down what they were called with, and a compiler reads the top that they make, in the synthesis view.

usage: synthesis_kit.py ROOT CONFIG_GEN CXX

Ends with 77 where no tclsh is installed.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

# Commands of the tools, all of which return nothing.
STUBS = {
    "catapult": ["solution", "go", "directive"],
    "stratus": ["use_tech_lib", "use_hls_lib", "set_attr", "define_hls_module", "define_hls_config"],
}
STUB = """set log [open $::env(EIE_LOG) w]
foreach command {COMMANDS} {
  proc $command {args} [string map [list NAME $command] {puts $::log "NAME $args"}]
}
proc get_install_path {} { return /tool }
set argv0 {SCRIPT}
info script {SCRIPT}
source {SCRIPT}
close $log
"""
WANTED = {
    "catapult": [r"solution options set /Input/CompilerFlags \{-D__SYNTHESIS__ -DEIE_SYNTHESIS_VIEW=1\}",
                 r"directive set -CLOCKS \{clk \{-CLOCK_PERIOD @@ .*-RESET_KIND sync -RESET_SYNC_NAME rst_n -RESET_SYNC_ACTIVE low",
                 r"directive set -DESIGN_HIERARCHY EieTop", r"go analyze\n(?:.*\n)*go compile\n(?:.*\n)*go extract",
                 r"directive set /EieTop/Pe/spmat_read/spmat/words_:rsc -MAP_TO_MODULE"],
    "stratus": [r"set_attr hls_cc_options \{-std=c\+\+17 -DSTRATUS_HLS", r"set_attr clock_period @@\n",
                r"define_hls_module EieTop \S*/top\.cpp", r"define_hls_config EieTop BASIC"],
}


def fail(text):
    sys.exit(f"synthesis_kit: {text}")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    root, generator, cxx = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
    if shutil.which("tclsh") is None:
        print("skipped: no tclsh")
        sys.exit(77)
    for tool, commands in STUBS.items():
        for config, period in (("eie4", "1.25"), ("eie4-ecc", "1.25"), ("eie64-lookahead", "1.25")):
            with tempfile.TemporaryDirectory(prefix="eie_kit_") as folder:
                script = os.path.join(root, "scripts", "synthesis", tool + ".tcl")
                driver, log = os.path.join(folder, "driver.tcl"), os.path.join(folder, "log")
                with open(driver, "w", encoding="utf-8") as file:
                    file.write(STUB.replace("COMMANDS", " ".join(commands)).replace("SCRIPT", script))
                done = subprocess.run(["tclsh", driver], capture_output=True, text=True, cwd=folder, env={
                    **os.environ, "EIE_LOG": log, "EIE_OUT": os.path.join(folder, "out"), "EIE_CONFIG_GEN": generator,
                    "EIE_CONFIG": os.path.join(root, "configs", config + ".yaml")})
                if done.returncode != 0:
                    fail(f"{tool}, {config}: {done.stderr}")
                with open(log, encoding="utf-8") as file:
                    said = file.read()
                for pattern in WANTED[tool]:
                    if not re.search(pattern.replace("@@", re.escape(period)), said):
                        fail(f"{tool}, {config}: no {pattern} in\n{said}")
                if tool == "stratus" and done.stdout.count("memory ") != 4:
                    fail(f"{tool}, {config}: {done.stdout}")
                if config != "eie4-ecc":  # one top is enough: the others differ in constants
                    continue
                macro = {"catapult": "__SYNTHESIS__", "stratus": "STRATUS_HLS"}[tool]
                done = subprocess.run([cxx, "-std=c++17", "-fsyntax-only", f"-D{macro}", f"-I{root}", f"-I{folder}/out",
                                       os.path.join(folder, "out", "top.cpp")], capture_output=True, text=True)
                if done.returncode != 0:
                    fail(f"{tool}, {config}: top.cpp: {done.stderr[:2000]}")
    print("both scripts call what they should, and their tops compile")


if __name__ == "__main__":
    main()
