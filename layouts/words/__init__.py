"""Every text a person reads, one catalogue a page."""
