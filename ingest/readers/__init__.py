"""One profile a format; the first that fits reads the file, the generic one last."""

from ingest.readers import (
    arbin_csv,
    basytec,
    bdf,
    eclab_text,
    gamry,
    generic,
    indicator,
    labview,
    labview_bench,
    landt,
    maccor,
    merged,
    neware_csv,
    neware_nested,
    novonix,
    pec,
    picolog,
    pne,
    toyo,
    wonatech,
)
from ingest.readers.profile import Profile

PROFILES: tuple[Profile, ...] = (
    eclab_text.PROFILE,
    bdf.PROFILE,
    arbin_csv.PROFILE,
    neware_csv.PROFILE,
    toyo.PROFILE,
    wonatech.PROFILE,
    merged.PROFILE,
    labview_bench.PROFILE,
    generic.PROFILE,
    maccor.PROFILE,
    neware_nested.PROFILE,
    landt.PROFILE,
    basytec.PROFILE,
    novonix.PROFILE,
    pec.PROFILE,
    gamry.PROFILE,
    labview.PROFILE,
    picolog.PROFILE,
    indicator.PROFILE,
    pne.PROFILE,
)
"""Every format that is known by name."""
GENERIC = generic.PROFILE


def profile_of_opening(text: str) -> Profile | None:
    """The profile whose signature stands in a file's first lines; None where none does."""
    for profile in PROFILES:
        if profile.opening is not None and profile.opening.search(text):
            return profile
    return None


def profile_of_header(header: list[str]) -> Profile:
    """The profile of which all names of one header stand in this one; the generic profile where there is none.

    >>> profile_of_header(["Test Time / s", "Voltage / V", "Current / A"]).name, profile_of_header(["t", "U"]).name
    ('bdf', 'generic')
    """
    cells = {cell.strip().strip('"').lower() for cell in header}
    for profile in PROFILES:
        if any(names <= cells for names in profile.headers):
            return profile
    return GENERIC
