"""One profile a format; the first that fits reads the file, the generic one last."""

from ingest.readers import (
    arbin_csv,
    basytec,
    bdf,
    eclab_text,
    gamry,
    generic,
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
)
from ingest.readers.profile import Profile

BY_OPENING: tuple[Profile, ...] = (
    eclab_text.WITH_PREAMBLE,
    maccor.PROFILE,
    neware_nested.PROFILE,
    landt.PROFILE,
    basytec.PROFILE,
    novonix.PROFILE,
    pec.PROFILE,
    gamry.PROFILE,
    labview.PROFILE,
    picolog.PROFILE,
)
BY_HEADER: tuple[Profile, ...] = (
    bdf.LABELS,
    bdf.MACHINE_NAMES,
    arbin_csv.UNDERSCORES,
    arbin_csv.BLANKS,
    neware_csv.PROFILE,
    eclab_text.BARE,
    merged.PROFILE,
)
GENERIC = generic.PROFILE
PROFILES: tuple[Profile, ...] = (*BY_OPENING, *BY_HEADER, labview_bench.PROFILE, GENERIC)


def profile_of_opening(text: str) -> Profile | None:
    """The profile whose signature stands in a file's first lines; None where none does."""
    for profile in BY_OPENING:
        if profile.opening is not None and profile.opening.search(text):
            return profile
    return None


def profile_of_header(header: list[str]) -> Profile:
    """The profile whose names all stand in a header; the generic one where none does."""
    cells = {cell.strip().strip('"').lower() for cell in header}
    for profile in BY_HEADER:
        if profile.header_names <= cells:
            return profile
    return GENERIC
