# SPDX-License-Identifier: Apache-2.0
"""Where faults may lie, the draw of some, and the programs of tests with the drawn ones in them."""
import concurrent.futures
import glob
import json
import os
import random
import re
import shlex
import subprocess
import sys

from mutation import places, schemata

# Room: the files that get faults, how many of a hundred faults, the programs of tests that can see them.
ROOMS = {
    "hw": (["hw/*.h"], 42,
           ["act_queue_test", "act_rw_test", "arith_unit_test", "ccu_test", "collect_test", "host_port_test", "lnzd_node_test", "lnzd_tree_test",
            "pe_test", "ptr_read_test", "register_map_test", "spmat_read_test", "skip_padding_test", "sram_test"]),
    "tlm/model": (["tlm/model/*.cpp", "tlm/model/*/*.cpp"], 28,
                  ["layer_program_test", "registers_test", "balanced_layers_test", "properties_test", "tlm_fuzz_test", "events_test", "layers_test", "ecc_test"]),
    "tb": (["tb/encoding/*.cpp", "tb/encoding/*/*.cpp", "tb/golden/*.cpp", "tb/host/*.cpp"], 30,
           ["codebook_test", "encoder_test", "fixed_layer_test", "numbers_test", "plan_test", "quantise_test", "golden_test", "driver_test",
            "layer_program_test", "memory_images_test", "recording_device_test", "properties_test"]),
}
# Constants and types alone: what they say is evaluated by the compiler, where a switch is none.
LEFT_OUT = {"hw/config.h", "hw/types.h", "hw/register_map.h", "hw/ints.h"}


def write_if_other(path, data):
    """Writes bytes where they differ, so that only what changed is built again."""
    if os.path.exists(path):
        with open(path, "rb") as old:
            if old.read() == data:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as new:
        new.write(data)


class Overlay:
    """Files with faults, laid over a ready build: what they change is compiled again, and the programs of tests are linked with it in place of what
    the build has in its archives. The build itself stays as it is."""

    def __init__(self, root, folder, base):
        self.root, self.folder = root, folder
        self.base = os.path.realpath(base)
        self.source = os.path.join(folder, "src")
        self.objects = os.path.join(folder, "objects")
        self.tests = os.path.join(folder, "tests")
        with open(os.path.join(self.base, "CMakeCache.txt")) as text:
            self.base_root = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", text.read(), re.M).group(1)

    def entries(self):
        with open(os.path.join(self.base, "compile_commands.json")) as text:
            return {os.path.relpath(e["file"], self.base_root): e for e in json.load(text)}

    def link_command(self, program):
        """The words of the base's command that links a program of tests. Asked in another folder, so that ninja writes nothing in the base."""
        asked = os.path.join(self.folder, "asked")
        os.makedirs(asked, exist_ok=True)
        for name in ("build.ninja", "CMakeFiles"):
            if not os.path.lexists(os.path.join(asked, name)):
                os.symlink(os.path.join(self.base, name), os.path.join(asked, name))
        lines = subprocess.run(["ninja", "-C", asked, "-t", "commands", "-s", f"tests/{program}"], capture_output=True, text=True).stdout.splitlines()
        parts = [part for line in lines for part in line.split(" && ") if f" -o tests/{program} " in part]
        if not parts:
            sys.exit(f"mutate: {self.base}: has no tests/{program}: expected it to be built")
        return shlex.split(parts[0])

    def files_of(self, room):
        found = []
        for pattern in ROOMS[room][0]:
            found += sorted(os.path.relpath(f, self.root) for f in glob.glob(os.path.join(self.root, pattern)))
        return [f for f in found if f not in LEFT_OUT]

    def find(self, room):
        """All places of a room, in order."""
        entries = self.entries()
        files = self.files_of(room)
        finder = places.Finder(self.root, files)
        if room == "hw":
            unit = os.path.join(self.folder, "hw.cpp")
            write_if_other(unit, b'#include "hw/eie.h"\n')
            jobs = [(unit, entries["tb/test/unit/hw/pe_test.cpp"])]
        else:
            jobs = [(os.path.join(self.root, f), entries[f]) for f in files if f in entries]
        for unit, entry in jobs:
            finder.parse(unit, [self.here(a) for a in places.arguments_of(entry)])
        return sorted(finder.places.values())

    def here(self, word):
        """An option of the base's build for this tree."""
        return "-I" + self.root if word == "-I" + self.base_root else word

    def put(self, mutants):
        """Writes the files with their faults; all of hw/, since its headers name each other as neighbours."""
        by_file = {}
        for number, place in mutants.items():
            by_file.setdefault(place.file, []).append((number, place))
        with open(os.path.join(self.root, "scripts/mutation/mutant.h"), "rb") as text:
            write_if_other(os.path.join(self.source, "eie_mutant.h"), text.read())
        headers = [os.path.relpath(f, self.root) for f in glob.glob(os.path.join(self.root, "hw/*.h"))]
        for file in sorted({*by_file, *headers}):
            with open(os.path.join(self.root, file), "rb") as source:
                text = source.read()
            write_if_other(os.path.join(self.source, file), schemata.rewrite(text, by_file[file]) if file in by_file else text)
        return by_file

    def compile(self, file, entries):
        """Compiles a source with faults, or a test of hw/ that includes headers with faults. (object, status)"""
        entry = entries[file]
        source = os.path.join(self.source, file)
        hw = file.startswith("tb/") and not os.path.exists(source)
        source = os.path.join(self.root, file) if hw else source
        output = os.path.join(self.objects, file + ".o")
        stamps = [source, os.path.join(self.source, "eie_mutant.h")] + (glob.glob(os.path.join(self.source, "hw/*.h")) if hw else [])
        if os.path.exists(output) and os.path.getmtime(output) > max(os.path.getmtime(f) for f in stamps):
            return output, 0
        os.makedirs(os.path.dirname(output), exist_ok=True)
        words = shlex.split(entry["command"])
        words = words[1:] if words[0].endswith("ccache") else words
        words = [self.here(w) for w in words]
        words[words.index("-o") + 1] = output
        words[words.index("-c") + 1] = source
        words[1:1] = ["-I" + self.source]
        with open(output + ".log", "w") as log:
            status = subprocess.run([*words, "-O0", "-w", "-g0"], cwd=self.base, stdout=log, stderr=subprocess.STDOUT).returncode
        return output, status

    def make(self, programs, mutants, jobs):
        """Compiles and links. The numbers of the mutants that do not compile."""
        entries = self.entries()
        files = sorted({p.file for p in mutants.values() if p.file.endswith(".cpp")})
        commands = {program: self.link_command(program) for program in programs}
        by_object = {e["output"] if "output" in e else re.search(r" -o (\S+)", e["command"]).group(1): f for f, e in entries.items()}
        hw = any(p.file.startswith("hw/") for p in mutants.values())
        mine = {}
        for program, words in commands.items():
            mine[program] = [by_object[w] for w in words if w in by_object and hw and by_object[w].startswith("tb/test/unit/hw/")]
        files += sorted({f for found in mine.values() for f in found})
        bad, objects, failed = set(), {}, []
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for file, (output, status) in zip(files, pool.map(lambda f: self.compile(f, entries), files)):
                objects[file] = output
                if status:
                    failed.append(file)
                    bad |= self.bad_numbers(mutants, output + ".log")
        if failed and not bad:
            sys.exit(f"mutate: {failed[0]} does not compile, and not by a fault: expected that it does; see {self.objects}/{failed[0]}.o.log")
        if bad:
            return bad
        os.makedirs(self.tests, exist_ok=True)
        shared = {}  # archive of the base -> objects that take the place of its members
        for base_object, file in by_object.items():
            where = re.match(r"(.*)/CMakeFiles/(\w+)\.dir/", base_object)
            if file in objects and where:
                shared.setdefault(f"{where.group(1)}/lib{where.group(2)}.a", []).append(objects[file])
        for program, words in commands.items():
            words = [objects.get(by_object.get(w), w) for w in words]
            output = os.path.join(self.tests, program)
            words[words.index("-o") + 1] = output
            newest = max(os.path.getmtime(o) for o in objects.values())
            if os.path.exists(output) and os.path.getmtime(output) > newest:
                continue
            # Objects before archives: a name is taken from the first that has it, and a member that is not asked for stays out.
            first = next((k for k, w in enumerate(words) if w.endswith(".a")), len(words))
            own = words[:first] + [o for w in dict.fromkeys(words[first:]) for o in shared.get(w, [])] + words[first:]
            done = subprocess.run(own, cwd=self.base, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"mutate: {program} cannot be linked: expected that it can: {done.stderr.strip().splitlines()[-1]}")
        return set()

    def bad_numbers(self, mutants, log):
        """Numbers of the mutants on the lines that the compiler complains of."""
        bad = set()
        with open(log, errors="replace") as text:
            found = re.findall(r"^(\S+?):(\d+):(?:\d+:)? (?:fatal )?error", text.read(), re.M)
        for file, line in found:
            if file.startswith(self.source):
                with open(file, errors="replace") as text:
                    around = text.read().splitlines()[int(line) - 1]
                bad |= {int(n) for n in re.findall(r"eie_mutant::on\((\d+)\)", around)}
        return bad & set(mutants)

    @staticmethod
    def programs(rooms):
        return sorted({t for room in rooms for t in ROOMS[room][2]})


def draw(found, count, seed):
    """count of the places, spread evenly over files by the square root of their sizes and, in a file, over kinds."""
    rng = random.Random(seed)
    files = {}
    for place in found:
        files.setdefault(place.file, {}).setdefault(place.kind, []).append(place)
    order = {}
    for file in sorted(files):
        kinds = [rng.sample(ps, len(ps)) for _, ps in sorted(files[file].items())]
        line = []
        while any(kinds):
            for kind in rng.sample(kinds, len(kinds)):
                if kind:
                    line.append(kind.pop())
        order[file] = line
    total = sum(len(v) ** 0.5 for v in order.values())
    # Largest remainders, no file without a fault.
    shares = {f: max(1, min(len(v), round(count * len(v) ** 0.5 / total))) for f, v in order.items()}
    chosen, rest = [], []
    for file, line in order.items():
        kept = []
        for place in line:
            if len(kept) < shares[file] and not schemata.crosses([*kept, place]):
                kept.append(place)
            else:
                rest.append(place)
        chosen += kept
    rng.shuffle(rest)
    return chosen[:], rest


def sample(overlay, rooms, count, seed):
    """number -> Place, and the places that are drawn when one does not compile."""
    mutants = {}
    for room in rooms:
        weight = sum(ROOMS[r][1] for r in rooms)
        chosen, _ = draw(overlay.find(room), round(count * ROOMS[room][1] / weight), seed)
        for place in chosen:
            mutants[len(mutants)] = place
        print(f"mutate: {room}: {len(chosen)} faults", file=sys.stderr)
    return mutants
