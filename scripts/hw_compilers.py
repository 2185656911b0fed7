# SPDX-License-Identifier: Apache-2.0
"""hw/ alone under each compiler, C++ standard, SystemC and view: the part `--hw` of scripts/check_compilers."""
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

VIEWS = {"simulation": [], "synthesis": ["-DEIE_SYNTHESIS_VIEW=1"]}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion"]
LINKED = "c++17"  # what the libraries of SystemC are built as; others are compiled only

SOURCE = """{includes}
#include <cstdio>

namespace {{
template <class Cfg>
struct Bench {{
  using Port = eie::HostPort<Cfg>;
  sc_core::sc_signal<bool> rst_n, awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready, irq;
  sc_core::sc_signal<typename Port::Address> awaddr, araddr;
  sc_core::sc_signal<typename Port::Data> wdata, rdata;
  sc_core::sc_signal<typename Port::Strobe> wstrb;
  sc_core::sc_signal<typename Port::Response> bresp, rresp;
  eie::Eie<Cfg> dut;

  Bench(const char* name, sc_core::sc_clock& clock) : dut(name) {{
    dut.clk(clock);
    dut.rst_n(rst_n);
    dut.s_axi_awvalid(awvalid);
    dut.s_axi_awready(awready);
    dut.s_axi_awaddr(awaddr);
    dut.s_axi_wvalid(wvalid);
    dut.s_axi_wready(wready);
    dut.s_axi_wdata(wdata);
    dut.s_axi_wstrb(wstrb);
    dut.s_axi_bvalid(bvalid);
    dut.s_axi_bready(bready);
    dut.s_axi_bresp(bresp);
    dut.s_axi_arvalid(arvalid);
    dut.s_axi_arready(arready);
    dut.s_axi_araddr(araddr);
    dut.s_axi_rvalid(rvalid);
    dut.s_axi_rready(rready);
    dut.s_axi_rdata(rdata);
    dut.s_axi_rresp(rresp);
    dut.irq(irq);
  }}

  // A read of ID through the port.
  bool answers() {{
    rst_n.write(true);
    rready.write(true);
    for (unsigned cycle = 0; cycle < 20; ++cycle) {{
      arvalid.write(cycle == 5);
      sc_core::sc_start(1, sc_core::SC_NS);
      if (rvalid.read()) return rdata.read().to_uint64() == eie::reg::kIdValue;
    }}
    return false;
  }}
}};
}}  // namespace

int sc_main(int, char**) {{
  sc_core::sc_clock clock("clock", 1, sc_core::SC_NS);
  bool good = true;
{benches}
  sc_core::sc_start(3, sc_core::SC_NS);
{checks}
  std::printf("%s\\n", good ? "answers" : "does not answer");
  return good ? 0 : 1;
}}
"""


def systemc_version(include):
    with open(os.path.join(include, "sysc", "kernel", "sc_ver.h"), encoding="utf-8") as file:
        text = file.read()
    parts = [re.search(rf"define\s+SC_VERSION_{part}\s+(\d+)", text) for part in ("MAJOR", "MINOR", "PATCH")]
    return ".".join(part.group(1) for part in parts)


def find_systemc(folder):
    """(version, include folder, library folder or "")."""
    include = os.path.join(folder, "include")
    if not os.path.isfile(os.path.join(include, "sysc", "kernel", "sc_ver.h")):
        sys.exit(f"check_compilers: {folder} is no SystemC: expected include/sysc/kernel/sc_ver.h in it")
    libraries = sorted(glob.glob(os.path.join(folder, "lib*", "libsystemc.so")) +
                       glob.glob(os.path.join(folder, "lib*", "*", "libsystemc.so")))
    return systemc_version(include), include, os.path.dirname(libraries[0]) if libraries else ""


def write_source(root, generator, configs, folder):
    names = []
    for config in configs:
        path = config if os.path.isfile(config) else os.path.join(root, "configs", config + ".yaml")
        done = subprocess.run([generator, path, os.path.join(folder, "cfg")], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"check_compilers: {done.stderr.strip()}")
        names.append(os.path.splitext(os.path.basename(path))[0].replace("-", "_"))
    includes = [f'#include "cfg/{name}.h"' for name in names]
    includes += [f'#include "hw/{os.path.basename(h)}"' for h in sorted(glob.glob(os.path.join(root, "hw", "*.h")))]
    benches = "".join(f'  Bench<eie::cfg::{name}> {name}("{name}", clock);\n' for name in names)
    checks = "".join(f"  good = {name}.answers() && good;\n" for name in names)
    path = os.path.join(folder, "elaborate.cpp")
    with open(path, "w", encoding="utf-8") as file:
        file.write(SOURCE.format(includes="\n".join(includes), benches=benches.rstrip(), checks=checks.rstrip()))
    return path


def warnings_of(text):
    return re.findall(r"(?m)^[^\s:]+:\d+:\d+: (?:warning|error|fatal error): .*$", text)


def look(root, source, compiler, extra, standard, systemc, view):
    """(warnings, what came of linking and running it: "", "elaborated" or why not)."""
    version, include, library = systemc
    words = [compiler, f"-std={standard}", *WARNINGS, *extra, *VIEWS[view], f"-I{root}", f"-I{os.path.dirname(source)}",
             *([] if include == "/usr/include" else ["-isystem", include]), source]
    if standard != LINKED or not library:
        done = subprocess.run([*words, "-fsyntax-only"], capture_output=True, text=True)
        return warnings_of(done.stderr) + ([] if done.returncode == 0 or warnings_of(done.stderr) else [done.stderr[-400:]]), ""
    program = os.path.join(os.path.dirname(source), f"elaborate_{os.path.basename(compiler)}_{version}_{view}")
    done = subprocess.run([*words, "-O1", "-o", program, f"-L{library}", f"-Wl,-rpath,{library}", "-lsystemc", "-pthread"],
                          capture_output=True, text=True)
    found = warnings_of(done.stderr)
    if done.returncode != 0:
        return found or [done.stderr[-400:]], "is not built"
    ran = subprocess.run([program], capture_output=True, text=True, timeout=300,
                         env={**os.environ, "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE": "1"})
    good = ran.returncode == 0 and ran.stdout.strip().endswith("answers") and "does not" not in ran.stdout
    return found, "elaborated" if good else f"status {ran.returncode}: {ran.stdout[-200:]}{ran.stderr[-200:]}"


def compiler_name(compiler):
    line = subprocess.run([compiler, "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]
    version = re.search(r"(\d+\.\d+\.\d+)", line)
    return ("clang " if "clang" in compiler else "GCC ") + (version.group(1) if version else "?")


def page_of(rows, configs, warnings):
    text = ("# hw/ under other compilers\n\n"
            "Generated by `scripts/check_compilers --hw --report`; do not edit.\n\n"
            f"All headers of `hw/` in one source file, and devices of {', '.join(f'`{c}`' for c in configs)}, with\n"
            f"`{' '.join(WARNINGS)}`, headers of SystemC apart. As C++17 it is also linked, and\n"
            "elaborated: each device answers a read of ID through its port. The libraries of SystemC are built as C++17, so\n"
            "that later standards are compiled alone.\n\n"
            "| Compiler | Standard | SystemC | View | Warnings | |\n|---|---|---|---|---|---|\n")
    for row in rows:
        text += "| " + " | ".join(str(cell) for cell in row) + " |\n"
    text += "\n" + (f"{len(warnings)} different warnings:\n\n" + "".join(f"    {w}\n" for w in sorted(warnings))
                    if warnings else "No warning.\n")
    return text


def check(root, build, compilers, standards, systemcs, configs, jobs, report, clang_words):
    """Prints a line for each case; true when there is no warning and all that is linked answers."""
    generator = os.path.join(build, "tb", "eie_config_gen")
    if not os.path.isfile(generator):
        sys.exit(f"check_compilers: {generator} is not built: cmake --build --preset release --target eie_config_gen")
    with tempfile.TemporaryDirectory(prefix="eie_compilers_") as folder:
        source = write_source(root, generator, configs, folder)
        cases = [(c, s, v, view) for c in compilers for s in standards for v in systemcs for view in VIEWS]
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            results = pool.map(lambda k: look(root, source, k[0], clang_words if "clang" in k[0] else [], k[1], k[2], k[3]), cases)
            rows, said, good = [], set(), True
            for (compiler, standard, systemc, view), (found, ran) in zip(cases, results):
                found = [w.replace(root + "/", "").replace(folder + "/", "") for w in found]
                for warning in found:
                    if warning not in said:
                        said.add(warning)
                        print(warning, flush=True)
                standard = standard.replace("c++2b", "c++23").replace("c++", "C++")
                rows.append((compiler_name(compiler), standard, systemc[0], view, len(found), ran or "compiled"))
                print(" ".join(str(cell) for cell in rows[-1]), flush=True)
                good = good and not found and ran in ("", "elaborated")
    if report:
        with open(os.path.join(root, "docs", "reports", "compilers.md"), "w", encoding="utf-8") as file:
            file.write(page_of(rows, configs, said))
    return good
