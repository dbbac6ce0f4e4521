"""Pictures: a tidy table in, a Plotly figure out; one figure a file."""
