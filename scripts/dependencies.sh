# SPDX-License-Identifier: Apache-2.0
# Sourced by the other scripts: installs what is missing from Debian, saying what.
# docs/dependencies.md says what each package is for.

eie_packages=(g++ cmake ninja-build pkg-config libsystemc-dev libboost-dev libboost-program-options-dev libyaml-cpp-dev
              libeigen3-dev nlohmann-json3-dev libgtest-dev librapidcheck-dev libvalijson-dev libbenchmark-dev libssl-dev
              libonnx-dev libprotobuf-dev libzip-dev libhdf5-dev zlib1g-dev libdeflate-dev verilator make python3 gnuplot-nox)

# Only the package for Python needs these: it is built where they are.
eie_python_packages=(pybind11-dev python3-dev python3-numpy)

# Only the tests need these: they write the files that the program is to read, read the manual page, complete commands in
# zsh, open views of waves on a screen that nobody sees, read waves, open the page of a timeline, play the RTL's testbench in a
# second simulator, run the scripts of the synthesis kit, build the documentation as a site, run firmware on a RISC-V core, find
# the faults of a small program, and test the package for Python.
eie_test_packages=(chromium python3-numpy python3-scipy python3-h5py hdf5-tools clang-format-14 groff-base gtkwave xvfb xauth
                   zsh sigrok-cli mkdocs-material iverilog tcl python3-onnx libonnx-testdata python3-clang-14
                   libunicorn-dev libelf-dev gcc-riscv64-unknown-elf
                   "${eie_python_packages[@]}" python3-pytest mypy python3-matplotlib python3-yaml jupyter-nbconvert python3-ipykernel)

# Only scripts/cpu_baseline needs these.
eie_baseline_packages=(libopenblas-serial-dev)

eie_install() {
  local missing=() package
  for package in "$@"; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      missing+=("$package")
    fi
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "Installing from Debian: ${missing[*]}"
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
