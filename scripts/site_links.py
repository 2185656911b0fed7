# SPDX-License-Identifier: Apache-2.0
"""MkDocs calls this while it builds the site (mkdocs.yml, hooks).

Pages outside docs/ join the site, and links are those of the tree, as every other viewer of Markdown takes them: a link to a page
of the site leads there, one to any other file is its path alone.
"""
import os
import posixpath
import re

from mkdocs.structure.files import File

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUTSIDE = ("CONTRIBUTING.md", "CHANGELOG.md", "tb/examples/virtual_platform/README.md", "configs/networks/digits/README.md",
           "configs/networks/lenet300/README.md")
FENCE = re.compile(r"^\s*(```|~~~)")
LINK = re.compile(r"(`[^`]*`)|(!?)\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)")


def on_files(files, config):
    for path in OUTSIDE:
        files.append(File(path, ROOT, config["site_dir"], config["use_directory_urls"]))
    return files


def in_tree(page):
    """Where the page lies in the tree."""
    return page if page in OUTSIDE else posixpath.join("docs", page)


def in_site(path):
    """Which page of the site a file of the tree is; None: it is none."""
    if path.startswith("docs/"):
        return path[len("docs/"):]
    return path if path in OUTSIDE else None


def link_of_site(match, page):
    code, image, text, target = match.groups()
    if code or re.match(r"[a-z]+:|#", target):
        return match.group(0)
    path, _, anchor = target.partition("#")
    goal = posixpath.normpath(posixpath.join(posixpath.dirname(in_tree(page)), path))
    seen = in_site(goal)
    if seen is None:
        return text if goal in text or text.strip("`") in goal else f"{text} (`{goal}`)"
    new = posixpath.relpath(seen, posixpath.dirname(page) or ".")
    return f"{image}[{text}]({new}{'#' + anchor if anchor else ''})"


def on_page_markdown(markdown, page, config, files):
    lines = []
    fenced = False
    for line in markdown.split("\n"):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            line = LINK.sub(lambda match: link_of_site(match, page.file.src_uri), line)
        lines.append(line)
    return "\n".join(lines)
