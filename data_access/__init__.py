"""The store: the only package that speaks SQL.

`database` opens it, `queries` holds every read by name, `writes` every change (one transaction each),
`series` the measured records: compressed column chunks, their min/max pyramid and the hot rows.
"""
