"""Synthetic tables for the tests of figures: the shapes that the store returns, with gaps, masks and formation."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pressiometry.columns import PRESSURE, STRAIN, THICKNESS, MechanicalSignal

Table = pd.DataFrame | Mapping[str, pd.DataFrame]
KINDS = ("full", "thickness", "strain", "one", "nan", "empty")
SIGNALS = {"thickness": THICKNESS, "strain": STRAIN}


def signal_of_kind(kind: str) -> MechanicalSignal:
    """The mechanical signal of a kind of table."""
    return SIGNALS.get(kind, PRESSURE)


def cycles(kind: str = "full", count: int = 20) -> pd.DataFrame:
    """Cycles of one cell: two of formation, one masked, one without an indicator, the last in progress."""
    signal = signal_of_kind(kind)
    number = np.arange(1, count + 1, dtype=float)
    indicator = np.where(number < 13, 16 - 0.09 * number, 16 - 0.09 * 13 - 0.3 * (number - 13))
    per_g = signal.named("delta_delta_{}_q", per="g_per_ah")
    table = pd.DataFrame(
        {
            "cycle_count": number,
            "formation_count": np.nan,
            "state": ["complete"] * (count - 1) + ["in_progress"],
            "start_second": (number - 1) * 12000,
            "end_second": number * 12000,
            "mechanical_signal": signal.column,
            "estimator": "e2",
            per_g: indicator,
            f"{per_g}_u": 0.04,
            f"{per_g}_e1": indicator * 1.01,
            f"{per_g}_e2": indicator,
            f"{per_g}_e3": indicator * 0.97,
            f"delta_delta_{signal.short}_q_percent": indicator / 15.7 * 100,
            signal.named("delta_delta_{}"): indicator * 0.17,
            signal.named("eod"): 69.4 - 0.02 * number,
            "discharging_capacity_mah_per_g": 170 - 0.2 * number,
            "charging_capacity_mah_per_g": 171 - 0.2 * number,
            "coulombic_efficiency_percent": np.where(number == 1, 86.0, 99.3),
            "masked": (number == 6).astype(float),
        }
    )
    table.loc[table["cycle_count"] == 9, per_g] = np.nan
    if kind == "one":
        return table.iloc[:1]
    if kind == "empty":
        return table.iloc[:0]
    if kind == "nan":
        return table.assign(**{str(name): np.nan for name in table.select_dtypes("number") if name != "cycle_count"})
    formation = table.iloc[:2].assign(cycle_count=np.nan, formation_count=[1.0, 2.0])
    return pd.concat([formation, table], ignore_index=True)


def signals(kind: str = "full") -> dict[str, pd.DataFrame]:
    """Voltage and mechanical signal of five cycles, with a gap."""
    time = np.linspace(0, 60000, 1 if kind == "one" else 601)
    phase = np.abs(((time / 12000) % 1) * 2 - 1)
    volt, pressure = 4.3 - 1.3 * phase**2, 70.5 - 2 * phase
    if kind == "nan":
        volt, pressure = volt * np.nan, pressure * np.nan
    elif kind != "one":
        pressure[100:103] = np.nan
    column = signal_of_kind(kind).column
    found = {
        "voltage_volt": pd.DataFrame({"test_time_second": time, "voltage_volt": volt}),
        column: pd.DataFrame({"test_time_second": time, column: pressure}),
    }
    return {} if kind == "empty" else found


def signal(kind: str = "full") -> pd.DataFrame:
    """Only the mechanical signal of `signals`."""
    column = signal_of_kind(kind).column
    return signals(kind).get(column, pd.DataFrame({"test_time_second": [], column: []}))


def curves(kind: str = "full", count: int = 19) -> pd.DataFrame:
    """Resampled half-cycles of several cycles."""
    q = np.linspace(0, 0.00284, 60)
    mechanical = signal_of_kind(kind)
    parts: list[pd.DataFrame] = []
    for cycle in range(1, (1 if kind == "one" else count) + 1):
        for half in ("charge", "discharge"):
            swing = 2.6 - 0.04 * cycle
            line = swing * q / q[-1] if half == "charge" else swing * (1 - q / q[-1])
            slope = (15 + np.exp(-(((q / q[-1] - 0.35) / 0.1) ** 2)) - 0.15 * cycle) * 62
            parts.append(
                pd.DataFrame(
                    {
                        "cycle_count": float(cycle),
                        "half": half,
                        "q_ah": q,
                        "voltage_volt": 3.6 + 0.7 * q / q[-1] if half == "charge" else 4.2 - 1.2 * (q / q[-1]) ** 3,
                        "signal": line,
                        "dsignal_dq": slope,
                        "dq_dv": 0.004 * np.exp(-(((q / q[-1] - 0.4) / 0.2) ** 2)),
                        "mechanical_signal": mechanical.column,
                    }
                )
            )
    table = pd.concat(parts, ignore_index=True)
    if kind == "empty":
        return table.iloc[:0]
    if kind == "nan":
        return table.assign(signal=np.nan, dsignal_dq=np.nan, dq_dv=np.nan, voltage_volt=np.nan)
    return table


def values(kind: str = "full") -> pd.DataFrame:
    """A metric of three cells in each of four groups and of two in a fifth."""
    rng = np.random.default_rng(1)
    parts: list[pd.DataFrame] = []
    lives = {"uncoated": 20, "5 min": 57, "15 min": 27, "40 min": 17, "rack <b>A</b>": 12}
    for group, life in lives.items():
        for index in range(2 if group.startswith("rack") else 3):
            cycle = np.arange(1, life - index + 1, dtype=float)
            value = 104 - cycle + 0.007 * cycle**2 - np.where(cycle > 0.7 * life, (cycle - 0.7 * life) * 3, 0)
            parts.append(
                pd.DataFrame(
                    {
                        "group": group,
                        "cell_id": len(parts) + 1,
                        "cell_name": f"In-{len(parts) + 1}",
                        "cycle_count": cycle,
                        "value": value + rng.normal(0, 0.4, len(cycle)),
                        "ended": life < 50,
                    }
                )
            )
    table = pd.concat(parts, ignore_index=True)
    if kind == "empty":
        return table.iloc[:0]
    if kind == "one":
        return table[table["cycle_count"] == 1].iloc[:1]
    return table.assign(value=np.nan) if kind == "nan" else table[table["cycle_count"] != 11]


def summary(kind: str = "full") -> pd.DataFrame:
    """Mean and sd of `values` per group and cycle."""
    grouped = values(kind).dropna(subset=["value"]).groupby(["group", "cycle_count"])["value"]
    return grouped.agg(n="count", mean="mean", sd="std", min="min", max="max").reset_index()


def traces(kind: str = "full") -> pd.DataFrame:
    """Two cycles of two cells in each of five groups, aligned at the start of charge."""
    hour = np.linspace(0, 6.8, 1 if kind == "one" else 120)
    phase = np.abs(((hour / 3.4) % 1) * 2 - 1)
    parts = [
        pd.DataFrame(
            {
                "group": group,
                "cell_id": 10 * place + index,
                "cell_name": f"In{place}-{index}",
                "hour": hour,
                "voltage_volt": 4.3 - 1.3 * phase**2,
                "change": (2.5 - 0.1 * place) * (1 - phase),
            }
        )
        for place, group in enumerate(("uncoated", "5 min", "15 min", "40 min", "10 min"))
        for index in (1, 2)
    ]
    table = pd.concat(parts, ignore_index=True)
    if kind == "empty":
        return table.iloc[:0]
    return table.assign(voltage_volt=np.nan, change=np.nan) if kind == "nan" else table


def records(kind: str = "full") -> pd.DataFrame:
    """Records of a file with voltage, current and the mechanical signal."""
    count = {"one": 1, "empty": 0}.get(kind, 5000)
    time = np.arange(count, dtype=float) * 12
    phase = np.abs(((time / 12000) % 1) * 2 - 1)
    table = pd.DataFrame(
        {
            "test_time_second": time,
            "voltage_volt": 4.3 - 1.3 * phase**2,
            "current_ampere": np.where((time / 12000) % 1 < 0.5, 0.001, -0.001),
            signal_of_kind(kind).column: 70.5 - 2 * phase,
        }
    )
    return table.assign(**dict.fromkeys(table.columns[1:], np.nan)) if kind == "nan" else table


TABLES: dict[str, Callable[[str], Any]] = {
    "cycles": cycles,
    "signals": signals,
    "signal": signal,
    "curves": curves,
    "values": values,
    "summary": summary,
    "traces": traces,
    "records": records,
}
