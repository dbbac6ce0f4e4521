#!/bin/sh
# backup.sh DATA FOLDER: a copy of the database, whole even while rows arrive, and of the uploaded files.
# Run it each night as the user barograph; FOLDER is best on another machine's disk.
set -eu
data=$1 folder=$2
day=$(date -u +%Y-%m-%d)
mkdir -p "$folder/files"
rm -f "$folder/unfinished.db"
"$(dirname "$0")/../.venv/bin/python" - "$data/barograph.db" "$folder/unfinished.db" <<'PYTHON'
import sys
from pysqlite3 import dbapi2

source, copy = sys.argv[1:]
dbapi2.connect(f"file:{source}?mode=rw", uri=True).execute("VACUUM INTO ?", (copy,))
(found,) = dbapi2.connect(copy).execute("PRAGMA quick_check").fetchone()
sys.exit(0 if found == "ok" else f"The copy is damaged: {found}")
PYTHON
mv "$folder/unfinished.db" "$folder/barograph-$day.db"
# Files are kept under the hash of their content and never change: what is there already is the same.
for file in "$data"/files/*; do
  name=$(basename "$file")
  case $name in *.part | '*') continue ;; esac
  [ -e "$folder/files/$name" ] && continue
  cp "$file" "$folder/files/unfinished.part"
  mv "$folder/files/unfinished.part" "$folder/files/$name"
done
