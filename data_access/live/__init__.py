"""Live rows on their way into the store: what comes, on which clock it lies, what is stored already."""
