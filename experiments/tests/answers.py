"""Reads questions, one JSON object a line, and checks each answer against DuckDB's ORDER BY ... LIMIT."""

import json
import sys

import duckdb

connection = duckdb.connect()
connection.execute("set threads = 2")
failed = 0
count = 0
for line in sys.stdin:
    question = json.loads(line)
    count += 1
    files = question["files"]
    order = "desc" if question["descending"] else "asc"
    # NaN counts as missing, and the two zeros are one.
    rows = (
        "select filename, file_row_number as row, whole, name, "
        "case when isnan(real) then null else real + 0.0 end as real "
        "from read_parquet($files, filename = true, file_row_number = true)"
    )
    keys = ", ".join(f'{key} {order} nulls last' for key in question["by"].split(","))
    where = " and ".join(f"({text})" for text in question["where"]) or "true"
    found = connection.execute(
        f"select list_position($files, filename) - 1, row from ({rows}) where {where} "
        f"order by {keys}, 1, 2 limit {question['n']}",
        {"files": files},
    ).fetchall()
    if [list(place) for place in found] != question["places"]:
        failed += 1
        print(f"differs: {line[:500]}\n  DuckDB finds {found[:10]}", file=sys.stderr)
print(json.dumps({"questions": count, "failed": failed}))
