# SPDX-License-Identifier: Apache-2.0
"""The files of the tree, for the scripts that check them."""
import os
import subprocess


def tree_files(root):
    """Paths from the root: those that git tracks, or all but what is built where there is no git."""
    listed = subprocess.run(["git", "-C", root, "ls-files"], capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        return [f for f in listed.stdout.split("\n") if f and os.path.isfile(os.path.join(root, f))]
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in ("build", ".git", "node_modules", "__pycache__"))
        found += [os.path.relpath(os.path.join(folder, f), root) for f in sorted(files)]
    return found
