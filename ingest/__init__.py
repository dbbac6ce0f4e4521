"""The way in: bytes of an exported file become checked records in the store.

`reading/` turns bytes into a Reading, with one declarative profile a format in `readers/`.  The flow around it is here:
`upload` keeps the original bytes, `worker` claims the job, `child` reads within limits, `preview` is what is shown,
`answers` what a person says to it, `merge` decides where its records lie on the time axis, `storing` stores them,
`close_cycles` computes the cycles.  Nothing is stored before a person, or confirm=auto, has agreed.
"""
