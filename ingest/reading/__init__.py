"""Reading an export: bytes become a Reading, which is records in our columns and units and all that must be known.

`export` leads through it.  In the order of IMPORT section 2.3:
  what it is      magic, encoding, text_lines, dialect, whole_table; the formats are in ingest/readers/
  columns         aliases, header_units, mapping
  rows            bulk (clean files, fast), rows (any file, carefully), cells, columns_of_text, dates, states
  records         records leads: time_columns, current_column, current_sign, capacity, capacity_columns
  which rows stay row_choice, segments
  what is odd     plausibility, findings, findings_log
"""

from ingest.reading.export import read_export
from ingest.reading.findings import ColumnMapping, Kind, Note, Problem, Question, Reading
from ingest.reading.mapping import PSEUDO_COLUMNS

__all__ = ["PSEUDO_COLUMNS", "ColumnMapping", "Kind", "Note", "Problem", "Question", "Reading", "read_export"]
