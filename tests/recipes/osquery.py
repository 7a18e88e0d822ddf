"""Says whether a pack's queries run, against empty tables with the columns that osquery documents for them."""

import json
import pathlib
import sqlite3
import sys

TABLES = {
    "processes": "pid, name, path, cmdline, state, cwd, root, uid, gid, euid, egid, start_time, parent",
    "users": "uid, gid, uid_signed, gid_signed, username, description, directory, shell, uuid",
    "file": "path, directory, filename, inode, uid, gid, mode, device, size, block_size, atime, mtime, ctime, type, symlink",
    "registry": "key, path, name, type, data, mtime",
    "plist": "key, subkey, value, path",
}

database = sqlite3.connect(":memory:")
for table, columns in TABLES.items():
    database.execute(f"CREATE TABLE {table} ({columns})")
queries = json.loads(pathlib.Path(sys.argv[1]).read_text())["queries"]
for name, query in queries.items():
    database.execute(query["query"]).fetchall()
    assert query["interval"] >= 3600 and query["description"], name
print(len(queries))
