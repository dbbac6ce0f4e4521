"""The way in: bytes of an exported file become checked records in the store.

Readers turn bytes into a Reading (`reading.read_export`); the flow stores it: `upload` keeps the original bytes,
`worker` claims the job, `child` reads within limits, `merge` decides where the records lie on the cell's time axis,
`close_cycles` computes the cycles.  Nothing is stored before a person, or confirm=auto, has agreed.
"""
