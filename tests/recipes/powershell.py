"""Says whether files are PowerShell, by its grammar; one line for each that is not."""

import pathlib
import sys

import tree_sitter_powershell
from tree_sitter import Language, Parser

parser = Parser(Language(tree_sitter_powershell.language()))


def wrong(node):
    if node.is_missing or node.type == "ERROR":
        yield node
    for child in node.children:
        yield from wrong(child)


bad = 0
for name in sys.argv[1:]:
    for node in wrong(parser.parse(pathlib.Path(name).read_bytes()).root_node):
        print(f"{name}:{node.start_point.row + 1}: not PowerShell")
        bad = 1
sys.exit(bad)
