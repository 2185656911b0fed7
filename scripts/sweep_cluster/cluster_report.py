# SPDX-License-Identifier: Apache-2.0
"""docs/reports/sweep_cluster.md, from what scripts/sweep_cluster/measure measured."""
import math
import os

TEXT = """# Sweeps on a cluster

Written by `scripts/sweep_cluster/measure --points {asked} --parts {parts} --report`, which starts a Slurm of one node (munge, slurmctld, slurmd of
Debian 12) and runs a sweep of Alex-7 on eie64 as a Snakemake workflow on it: {points} points, {groups} matrices, {parts} parts. How to do
that on a cluster of your own: [sweeps](../sweep.md#on-a-cluster).

## What came out

- The table of the workflow is, byte for byte, that of `eie sweep` in one process.
- The program of part {killed} was killed (SIGKILL) and the job of part {cancelled} cancelled in the middle (scancel). Snakemake started both
  again, they went on where their journals ended, and the table is the same; the journals have each point once.

## What was measured

Processor time, which other work on the machine does not change; what is by the clock is so on a shared machine of {cpus} processors (load
{load:.1f} at the end).

| What | Measured | A point |
|---|---|---|
| the sweep in one thread | {one:.2f} s | {point_ms:.1f} ms |
| the same on {cpus} threads | {all:.2f} s; {all_clock:.1f} s by the clock | |
| start of a part: the program, the sweep file, the journal | {start_ms:.0f} ms | |
| first point of a part: a matrix made and encoded, a machine loaded | {part_ms:.0f} ms | |
| table of {rows:,} points (`--merge`) | {merge_ms:.0f} ms | {merge_us:.0f} us |
| journal, written once, in order | {journal:,} bytes | {journal_point:.0f} bytes |
| table, written once | {table:,} bytes | {table_point:.0f} bytes |
| an empty job of Slurm, by the clock | {job_clock:.1f} s | |
| the workflow, by the clock | {quiet:.0f} s | |
| the same with a killed and a cancelled part | {loud:.0f} s | |

Of the processor time of a part of {per_part} points, the start is {start_share:.1f} % and the first matrix {first_share:.1f} %.

## How it grows, on paper

Parts share nothing but a folder: no messages, a journal each, appended to. With n nodes of {cpus} processors and a part for each processor, N
points take

    N * point / ({cpus} n) + start + matrix + workflow + N * merge

by the clock, with the numbers above: {point_ms:.1f} ms, {start_ms:.0f} ms, {part_ms:.0f} ms, {workflow:.0f} s, {merge_us:.0f} us. `workflow` is what the workflow took by the clock
more than the same sweep without it: Snakemake starts a Python for each job, and asks Slurm now and then what became of them. This table is
reckoned from these numbers, not measured.

| Nodes | 1,000,000 points: points/s | efficiency | 10,000,000 points: points/s | efficiency | MB/s into the journals |
|---|---|---|---|---|---|
{table_rows}

What does not shrink is the table, {merge_us:.0f} us a point on one processor: no number of nodes gives more than {most:,.0f} points/s. The workflow is the price of
{equal:,.0f} points on one processor: a smaller sweep is done sooner by `eie sweep` on one machine. The journals are small: {journal_point:.0f} bytes a point. A part
of fewer than {least:,.0f} points spends more than a tenth of its processor time on its start and its first matrix.
"""


def write(path, m):
    cpus = os.cpu_count()
    point, merge = m["one"] / m["points"], (m["merge"] - m["start"]) / m["rows"]
    workflow = m["quiet"] - m["all_clock"]
    fixed = m["part"] + workflow

    def rate(nodes, points):
        return points / (points * point / (cpus * nodes) + fixed + points * merge)

    rows = []
    for nodes in (1, 2, 4, 8, 16, 32, 64):
        cells = [str(nodes)]
        for points in (1000000, 10000000):
            cells += [f"{rate(nodes, points):,.0f}", f"{100 * rate(nodes, points) * point / (cpus * nodes):.0f} %"]
        cells.append(f"{rate(nodes, 10000000) * m['journal'] / m['points'] / 1e6:.2f}")
        rows.append("| " + " | ".join(cells) + " |")
    per_part = m["points"] / m["parts"]
    part = per_part * point
    text = TEXT.format(asked=m["points"], **{**m, "point_ms": point * 1e3, "start_ms": m["start"] * 1e3, "part_ms": (m["part"] - m["start"]) * 1e3,
                                             "merge_ms": m["merge"] * 1e3},
                       merge_us=merge * 1e6, journal_point=m["journal"] / m["points"], table_point=m["table"] / m["points"], cpus=cpus,
                       load=os.getloadavg()[0], per_part=math.floor(per_part), start_share=100 * m["start"] / part,
                       first_share=100 * (m["part"] - m["start"]) / part, table_rows="\n".join(rows), workflow=workflow, most=1 / merge,
                       equal=workflow / point, least=10 * m["part"] / point)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"wrote {path}")
