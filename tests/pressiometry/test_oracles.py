"""Data that the project did not make: an independent generator's cells, and a published dilatometry set."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pressiometry.cycles import summarise_cycles
from pressiometry.facts import CellFacts
from pressiometry.trends import estimate_scatter

NET_MM_PER_AH = {"001": 0.0203, "106": 0.0168, "213": 0.0166, "319": 0.0150, "424": 0.0139, "449": 0.0131}


def read_merged(folder: Path, name: str) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Records of a merged export, the truth of its cycles, and the active mass in mg."""
    source = pd.read_csv(folder / "synthetic" / f"{name}_merged.csv")
    names = {
        "time / s": "test_time_second",
        "Ecell/V": "voltage_volt",
        "I/mA": "current_ampere",
        "cycle number": "instrument_cycle_count",
        "Pressure (MPa)": "surface_pressure_mpa",
    }
    records = source.rename(columns=names)
    records["current_ampere"] /= 1000
    truth = json.loads((folder / "synthetic" / f"{name}_truth.json").read_text(encoding="utf-8"))
    return records, pd.DataFrame(truth["cycles"]), 1000 * truth["mass_g"]


@pytest.mark.parametrize("name", ["s1", "s2"])
@pytest.mark.parametrize("ending", ["", "_e1", "_e2", "_e3"])
def test_an_independent_generator_agrees_within_one_percent(real_data: Path, name: str, ending: str) -> None:
    """Every cycle without a short circuit is within 1 % of the truth, in every estimator; with one it is a gap."""
    records, truth, mass_mg = read_merged(real_data, name)
    cycles = summarise_cycles(records, CellFacts(active_mass_mg=mass_mg))
    assert len(cycles) == len(truth)
    found = cycles[f"delta_delta_p_q_mpa_g_per_ah{ending}"]
    healthy = ~truth["isc"].to_numpy(dtype=bool)
    assert found[healthy].to_numpy() == pytest.approx(truth["delta_delta_p_q"][healthy].to_numpy(), rel=0.01)
    assert found[~healthy].isna().all()
    assert (cycles["state"] == "complete").all()
    assert (cycles["segmentation"] == "instrument").all()


def test_capacities_of_the_independent_generator_agree(real_data: Path) -> None:
    """Integrated discharge capacities are those of the truth within 0.02 %, short circuits included (0.02 mAh)."""
    records, truth, mass_mg = read_merged(real_data, "s1")
    cycles = summarise_cycles(records, CellFacts(active_mass_mg=mass_mg))
    assert cycles["cycle_discharging_capacity_ah"].to_numpy() == pytest.approx(
        truth["q_dis_ah"].to_numpy(), rel=2e-4, abs=1e-6
    )


def test_without_instrument_cycles_the_same_is_derived(real_data: Path) -> None:
    """Cycles found from the current alone give the same indicator."""
    records, _, mass_mg = read_merged(real_data, "s2")
    facts = CellFacts(active_mass_mg=mass_mg)
    own = summarise_cycles(records, facts)
    derived = summarise_cycles(records.drop(columns="instrument_cycle_count"), facts)
    assert set(derived["segmentation"]) == {"derived"}
    column = "delta_delta_p_q_mpa_g_per_ah"
    assert derived[column].to_numpy() == pytest.approx(own[column].to_numpy(), rel=1e-12)


def test_a_short_circuit_stays_one_cycle_by_the_instruments_numbers(real_data: Path) -> None:
    """The dead cycles are kept, with no discharge, flagged and masked."""
    records, truth, mass_mg = read_merged(real_data, "s1")
    dead = summarise_cycles(records, CellFacts(active_mass_mg=mass_mg))[truth["isc"].to_numpy(dtype=bool)]
    assert all("no_discharge" in codes for codes in dead["quality"])
    assert (dead["masked"] == 1).all()
    assert dead["not_computed"].map(lambda reasons: "discharge" in reasons["delta_delta_p_mpa"]).all()


def read_dilatometry(folder: Path) -> list[pd.DataFrame]:
    """Records of the six files; the source counts discharge positive and thickness in mm."""
    files = sorted((folder / "real" / "dilatometry").glob("*.csv"))
    assert [file.stem[-3:] for file in files] == list(NET_MM_PER_AH)
    tables = []
    for file in files:
        source = pd.read_csv(file)
        values = {
            "test_time_second": source["time_s"],
            "voltage_volt": source["voltage_V"],
            "current_ampere": -source["current_A"],
            "thickness_micrometre": 1000 * source["thickness_mm"],
            "record_index": np.arange(1, len(source) + 1),
        }
        tables.append(pd.DataFrame(values))
    return tables


def test_dilatometry_swells_as_published(real_data: Path) -> None:
    """Each file is one discharge whose net thickness change per A h falls from 0.0203 to 0.0131 mm/Ah."""
    for table, expected in zip(read_dilatometry(real_data), NET_MM_PER_AH.values(), strict=True):
        cycles = summarise_cycles(table, CellFacts())
        assert len(cycles) == 1
        net = table["thickness_micrometre"].iloc[0] - table["thickness_micrometre"].iloc[-1]
        capacity = cycles["cycle_discharging_capacity_ah"].iloc[0]
        assert net / capacity / 1000 == pytest.approx(expected, abs=6e-5)


def test_dilatometry_files_of_one_cell_are_one_cycle_each(real_data: Path) -> None:
    """Six dynamic files in a row: a file's border ends the half-cycle; E1 is computed, E2 and E3 say why not."""
    tables = read_dilatometry(real_data)
    start = 0.0
    for table in tables:
        table["test_time_second"] += start
        start = table["test_time_second"].iloc[-1] + 10
    cycles = summarise_cycles(pd.concat(tables, ignore_index=True), CellFacts())
    assert len(cycles) == 6
    assert set(cycles["segmentation"]) == {"turning_points"}
    assert set(cycles["estimator"]) == {"e1"}
    name = "delta_delta_thickness_q_micrometre_per_ah"
    expected = 1000 * np.array(list(NET_MM_PER_AH.values()))
    assert cycles[name].to_numpy() == pytest.approx(expected, rel=0.01)
    assert cycles[f"{name}_e1"].to_numpy() == pytest.approx(cycles[name].to_numpy())
    for estimator in ("e2", "e3"):
        assert cycles[f"{name}_{estimator}"].isna().all()
        assert all("no charge" in reasons[f"{name}_{estimator}"] for reasons in cycles["not_computed"])
    assert cycles["not_computed"].map(lambda reasons: "mass" in reasons[name.replace("per_ah", "g_per_ah")]).all()
    assert not cycles["masked"].any()
    assert cycles["thickness_drift_micrometre"].isna().all()


def test_scatter_has_the_sigma_of_the_golden_series(real_data: Path) -> None:
    """s_hat combined with its prior is the sigma of early_warning_golden.json for cycles without repair."""
    golden = json.loads((real_data / "early_warning_golden.json").read_text(encoding="utf-8"))["series"]
    compared = 0
    for series in golden.values():
        rows = pd.DataFrame(series["rows"])
        if rows.empty:
            continue
        scatter = estimate_scatter(rows["cycle"].to_numpy(float), rows["relative"].to_numpy(float))
        count = np.minimum(np.arange(len(rows)) - 2, 25)
        known = np.isfinite(scatter) & (np.arange(1, len(rows) + 1) > 4)
        sigma = np.sqrt((3 * 0.6**2 + count * scatter**2) / (3 + count)).clip(min=0.3)
        assert sigma[known] == pytest.approx(rows["sigma"][known].to_numpy(), abs=2e-4)
        compared += int(known.sum())
    assert compared > 50
