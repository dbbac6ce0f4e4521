"""One small test of a cell, written as each instrument writes it, is read back the same; all of it synthetic."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.readers import PROFILES
from ingest.reading import Reading, read_export
from pressiometry.errors import RefusedFileError

START = datetime(2024, 4, 25, 10, 0, 0)  # noqa: DTZ001 - an instrument's wall clock
AMPERE = 0.003
SECOND = 12.0


@dataclass(frozen=True)
class Record:
    """One record of the test: the row that every format has to give back."""

    number: int
    second: float
    step_second: float
    cycle: int
    step: int
    state: str
    volt: float
    ampere: float
    charge_ah: float
    discharge_ah: float
    half_ah: float

    @property
    def date(self) -> datetime:
        """Wall clock of the record."""
        return START + timedelta(seconds=self.second)

    @property
    def days(self) -> str:
        """Running time as Maccor writes it."""
        return f"  0d {clock(self.second)}"


def clock(second: float) -> str:
    """Hours, minutes and seconds."""
    return f"{int(second // 3600):02d}:{int(second // 60 % 60):02d}:{second % 60:05.2f}"


def make_records() -> list[Record]:
    """Two cycles of rest, charge, rest and discharge, 15 records each, 12 s apart; a step begins after 0.1 s."""
    records: list[Record] = []
    second = -0.1
    for cycle in (1, 2):
        charge = discharge = 0.0
        for place, (state, sign) in enumerate((("R", 0), ("C", 1), ("R", 0), ("D", -1))):
            for k in range(15):
                second = round(second + (SECOND if k else 0.1), 2)
                added = AMPERE * SECOND / 3600 if sign and k else 0.0
                charge += added * (sign > 0)
                discharge += added * (sign < 0)
                half = charge * (place == 1) + discharge * (place == 3)
                volt = 3.2 + 0.04 * (k if sign > 0 else 14 - k) + 0.02 * sign if sign else 3.2 + 0.56 * (place == 2)
                volt = round(volt, 3)
                records.append(
                    Record(
                        len(records) + 1, second, k * SECOND, cycle, 4 * (cycle - 1) + place + 1, state,
                        volt, sign * AMPERE, charge, discharge, half,
                    )
                )  # fmt: skip
    return records


RECORDS = make_records()


def table(header: str, row: Callable[[Record], str], head: str = "", end: str = "\n") -> str:
    """A text table: the lines above it, its header, one line a record."""
    return end.join([*head.splitlines(), header, *(row(r) for r in RECORDS)]) + end


MACCOR = (
    "Today's Date 05/02/2024  Date of Test:\t04/25/2024\t Filename:\tC:\\x.001 Procedure: p\tComment/Barcode: synthetic"
)
US = "%m/%d/%Y %H:%M:%S"


def maccor_days() -> str:
    """Days and hours, no sign, a trailing tab, sensors that are not plugged in."""
    return table(
        "Rec#\tCyc#\tStep\tTestTime\tStepTime\tAmp-hr\tWatt-hr\tAmps\tVolts\tState\tES\tDPt Time\tAux #1\t Units\t",
        lambda r: (
            f"{r.number}\t{r.cycle}\t{r.step}\t{r.days}\t  0d {clock(r.step_second)}\t{r.half_ah:.8f}\t0.0\t"
            f"{abs(r.ampere):.5f}\t{r.volt:.5f}\t{r.state}\t1\t{r.date.strftime(US)}\t-2501.71411\t C  \t"
        ),
        head="Today's Date:\t2 May 2024\tDate of Test:\t25 April 2024, 10:00:00 AM\nProcedure:\tp.000\tDescription:",
    )


def maccor_minutes() -> str:
    """Minutes, CR LF, no sign."""
    return table(
        "Rec#\tCyc#\tStep\tTest (Min)\tStep (Min)\tAmp-hr\tWatt-hr\tAmps\tVolts\tState\tES\tDPt Time",
        lambda r: (
            f"{r.number}\t{r.cycle}\t{r.step}\t{r.second / 60:.4f}\t{r.step_second / 60:.4f}\t{r.half_ah:.10f}\t0\t"
            f"{abs(r.ampere):.10f}\t{r.volt:.8f}\t{r.state}\t1\t{r.date.strftime(US)}"
        ),
        MACCOR,
        "\r\n",
    )


def maccor_seconds() -> str:
    """Seconds, a signed current, loops."""
    return table(
        "Rec#\tCyc#\tStep\tTest (Sec)\tStep (Sec)\tAmp-hr\tWatt-hr\tAmps\tVolts\tState\tES\tDPt Time\tLoop1",
        lambda r: (
            f"{r.number}\t{r.cycle}\t{r.step}\t{r.second:.4f}\t{r.step_second:.4f}\t{r.half_ah:.10f}\t0\t"
            f"{r.ampere:.10f}\t{r.volt:.8f}\t{r.state}\t1\t{r.date.strftime(US)}\t0"
        ),
        MACCOR,
    )


def maccor_milli() -> str:
    """Milliamperes with a sign, decimal commas, the hour of half a day."""
    return table(
        "Rec#\tCyc#\tStep\tTestTime\tStepTime\tmAmp-hr\tmWatt-hr\tmAmps\tVolts\tState\tES\tDPt Time",
        lambda r: (
            (
                f"{r.number}\t{r.cycle}\t{r.step}\t{r.days}\t  0d {clock(r.step_second)}\t{r.half_ah * 1e3:.6f}\t0.0\t"
                f"{r.ampere * 1e3:.4f}\t{r.volt:.5f}\t{r.state}\t1\t"
            ).replace(".", ",")
            + r.date.strftime("%m/%d/%Y %I:%M:%S %p")
        ),
        head="Today''s Date\t05/02/2024 12:50:27 PM\n\nDate of Test:\t04/25/2024 10:00:00 AM\n",
    )


def maccor_csv() -> str:
    """Commas, two cycle numbers, a clock without a date."""
    return table(
        "Rec,Cycle P,Cycle C,Step,Test Time (sec),Step Time (sec),Current (A),Voltage (V),Capacity (AHr),"
        "MD,ES,DPt Time",
        lambda r: (
            f"{r.number},0,{r.cycle},{r.step},{r.second:.2f},{r.step_second:.2f},{r.ampere:.6f},{r.volt:.5f},"
            f"{r.half_ah:.8f},{r.state},1,{r.date:%H:%M:%S}"
        ),
        head="Today's Date,05/02/2024",
    )


def neware_nested() -> str:
    """Cycles, steps and records; a cycle's row goes on with its first step."""
    lines = [
        "Cycle Index,Chg. Cap.(Ah),DChg. Cap.(Ah)",
        ",Step Index,Step Number,Step Type,Step Time",
        ",,DataPoint,Time,Total Time,Current(A),Voltage(V),Capacity(Ah),Date",
    ]
    cycle = step = 0
    for r in RECORDS:
        if r.step != step:
            kind = {"R": "Rest", "C": "CC Chg", "D": "CC DChg"}[r.state]
            own = f"{(r.step - 1) % 4 + 1},{r.step},{kind},00:02:48"
            lines.append(f"{r.cycle},0.00014,0.00014,{own}" if r.cycle != cycle else f",{own}")
        cycle, step = r.cycle, r.step
        lines.append(
            f",,{r.number},{clock(r.step_second)},{clock(r.second)},{r.ampere:.6f},{r.volt:.4f},{r.half_ah:.9f},{r.date}"
        )
    return "\n".join(lines) + "\n"


def neware_layers() -> str:
    """The same in the older words, divided by tabs: a row for each cycle, a row for each step, one clock."""
    lines = [
        "Cycle ID\tCap_Chg(mAh)\tCap_DChg(mAh)",
        "\tStep ID\tStep Name\tStep Time",
        "\t\tRecord ID\tTime(h:min:s.ms)\tVoltage(V)\tCurrent(mA)\tCapacity(mAh)\tRealtime",
    ]
    cycle = step = 0
    for r in RECORDS:
        lines += [f"{r.cycle}\t0.14\t0.14"] * (r.cycle != cycle)
        kind = {"R": "Rest", "C": "CC_Chg", "D": "CC_DChg"}[r.state]
        lines += [f"\t{r.step}\t{kind}\t00:02:48"] * (r.step != step)
        cycle, step = r.cycle, r.step
        lines.append(
            f"\t\t{r.number}\t{clock(r.step_second)}\t{r.volt:.4f}\t{r.ampere * 1e3:.4f}\t{r.half_ah * 1e3:.6f}"
            f"\t{r.date}"
        )
    return "\n".join(lines) + "\n"


def landt() -> str:
    """Metadata lines, a delimiter at each line's end, a pressure that is always 0."""
    return table(
        "channel_index,cycle_index,step_index,date_time_iso_string,test_time_s,step_time_s,current_A,voltage_V,"
        "discharge_capacity_Ah,charge_capacity_Ah,Pressure_Psi,temperature_1_C,step_name,",
        lambda r: (
            f"{r.number},{r.cycle},{r.step},{r.date.strftime(US)},{r.second:.3f},{r.step_second:.3f},{r.ampere:.5f},"
            f"{r.volt:.4f},{r.discharge_ah:.7f},{r.charge_ah:.7f},0,0,"
            f"{ {'R': 'rest', 'C': 'cc_chg', 'D': 'cc_dchg'}[r.state] },"
        ),
        head="cell model:,,,\ncell id: ,,,\ntest: ,,,",
    )


def basytec() -> str:
    """Comments that begin with ~, the last of them the header."""
    return table(
        "~Time[s]\tDataSet\tt-Step[s]\tLine\tCommand\tU[V]\tI[A]\tAh-Cyc-Charge\tAh-Cyc-Discharge\tCyc-Count\tState",
        lambda r: (
            f"{r.second}\t{r.number}\t{r.step_second}\t{r.step}\t"
            f"{ {'R': 'Pause', 'C': 'Charge', 'D': 'Discharge'}[r.state] }\t{r.volt:.6f}\t{r.ampere}\t{r.charge_ah}\t"
            f"{r.discharge_ah}\t{r.cycle}\t1"
        ),
        head="~Resultfile from Basytec Battery Test System\n~Date and Time of Data Converting: 07.07.2024 10:55:58\n~",
    )


def novonix() -> str:
    """Hours; the capacity rises on charge and falls on discharge."""
    return table(
        "Date and Time,Cycle Number,Step Type,Run Time (h),Step Time (h),Current (A),Potential (V),Capacity (Ah),"
        "Temperature (°C),dVdt (V/h),Step Number",
        lambda r: (
            f"{r.date},{r.cycle},7,{r.second / 3600:.7f},{r.step_second / 3600:.7f},{r.ampere:.8f},{r.volt:.8f},"
            f"{r.charge_ah - r.discharge_ah:.8f},{25 + r.number % 7 / 10:.3f},0.0,{r.step}"
        ),
        head='[Summary]\nNovonix UHPC data file\nNovonix\nChannel: 01\n[End Summary]\n[Protocol]\n{"a": 1, "b": 2}\n'
        "[End Protocol]\n[Data]",
    )


def pec() -> str:
    """Names and values, then a table that begins with Test."""
    return table(
        "Test,Cell,Rack,Shelf,Position,Cell ID,Step,Instruction Name,Cycle,Total Time (Hours in hh:mm:ss.xxx),"
        "Step Time (Seconds),Real Time,Voltage (V),Current (A),Charge Capacity (mAh),Discharge Capacity (mAh),"
        "ReasonCode",
        lambda r: (
            f"25205,1,ACT4,014,1,x_1,{r.step},{ {'R': 'Idle', 'C': 'Charge', 'D': 'Discharge'}[r.state] },{r.cycle},"
            f"{clock(r.second)}0,{r.step_second},{r.date.strftime(US)},{r.volt:.6f},{r.ampere:.6f},"
            f"{r.charge_ah * 1e3:.6f},{r.discharge_ah * 1e3:.6f},30"
        ),
        head="Request Year:,2024\nTest:,25205\nStart Time:,04/25/2024 10:00:00\nNames of initialized variables:",
    )


def gamry() -> str:
    """Keys and values, an open-circuit table, then one of records: names and units on two lines."""
    head = (
        "EXPLAIN\nTAG\tPWR800\nTITLE\tLABEL\tsynthetic\tTest\nOCVCURVE\tTABLE\t2\n\tPt\tT\tVf\n\t#\ts\tV"
        "\n\t0\t0.25\t3.2\n\t1\t0.5\t3.2\nEOC\tQUANT\t3.2\tOpen\nCURVE1\tTABLE\t120\n\tPt\tT\tVf\tIm\tOver\tTemp"
    )
    return table(
        "\t#\ts\tV vs. Ref.\tA\tbits\tdeg C",
        lambda r: f"\t{r.number}\t{r.second:.4f}\t{r.volt:.5E}\t{r.ampere:.5E}\t...........\t-327.67",
        head,
    )


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    """An Excel workbook of these sheets; a datetime becomes a serial day with a date's format."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    names = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, (name, _) in enumerate(sheets, start=1))
    links = "".join(
        f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    style = f'<Relationship Id="s" Type="{office}/styles" Target="styles.xml"/>'
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'{relations}<Relationship Id="b" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{office}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"{relations}{links}{style}</Relationships>",
        "xl/styles.xml": f'<styleSheet {space}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
    }
    for n, (_, rows) in enumerate(sheets, start=1):
        cells = (f"<row>{''.join(map(cell_xml, row))}</row>" for row in rows)
        parts[f"xl/worksheets/sheet{n}.xml"] = f"<worksheet {space}><sheetData>{''.join(cells)}</sheetData></worksheet>"
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
    return target.getvalue()


def cell_xml(value: Any) -> str:
    """One cell of a sheet; a text that begins with = is a formula without its value."""
    if isinstance(value, datetime):
        days = (value - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001 - Excel has no zones
        return f'<c s="1"><v>{days!r}</v></c>'
    if isinstance(value, str):
        return f"<c><f>{value[1:]}</f></c>" if value[:1] == "=" else f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value!r}</v></c>"


ARBIN = [
    "Date_Time", "Test_Time(s)", "Step_Time(s)", "Step_Index", "Cycle_Index", "Voltage(V)", "Current(A)",
    "Charge_Capacity(Ah)", "Discharge_Capacity(Ah)",
]  # fmt: skip


def arbin_rows(records: list[Record]) -> list[list[Any]]:
    """A Channel sheet; the capacities run on over the whole test."""
    before = max(r.charge_ah for r in RECORDS)
    return [
        ARBIN,
        *(
            [r.date, r.second, r.step_second, r.step, r.cycle, r.volt, r.ampere, r.charge_ah + before * (r.cycle - 1),
             r.discharge_ah + before * (r.cycle - 1)]
            for r in records
        ),
    ]  # fmt: skip


def arbin_workbook() -> bytes:
    """Information, two Channel sheets of one channel, and statistics that look like records."""
    return workbook(
        ("Global_Info", [["", "TEST REPORT"], ["Channel", "Start DateTime"], [11, START]]),
        ("Channel_11_1", arbin_rows(RECORDS[:70])),
        ("Channel_11_2", arbin_rows(RECORDS[70:])),
        (
            "Statistics_11",
            [["Cycle_Index", "Test_Time(s)", "Voltage(V)", "Current(A)"], *[[1, 720.0, 3.2, 0.003]] * 90],
        ),
    )


def neware_workbook() -> bytes:
    """The sheets of BTSDA: unit, cycle, step, record."""
    names = ["DataPoint", "Cycle Index", "Step Index", "Step Type", "Time", "Total Time", "Current(A)", "Voltage(V)",
             "Chg. Cap.(Ah)", "DChg. Cap.(Ah)", "Date"]  # fmt: skip
    kinds = {"R": "Rest", "C": "CC Chg", "D": "CC DChg"}
    rows = [
        [r.number, r.cycle, r.step, kinds[r.state], clock(r.step_second), clock(r.second), r.ampere, r.volt,
         r.half_ah * (r.state == "C"), r.half_ah * (r.state == "D"), str(r.date)]
        for r in RECORDS
    ]  # fmt: skip
    cycles: list[list[Any]] = [
        ["Cycle Index", "Chg. Cap.(Ah)", "DChg. Cap.(Ah)"],
        [1, 0.00014, 0.00014],
        [2, 0.00014, 0.00014],
    ]
    return workbook(("unit", [["Start", str(START)]]), ("cycle", cycles), ("record", [names, *rows]))


def toyo() -> str:
    """Time in the step, no sign, a condition."""
    return table(
        "Date,Time,PassTime[Sec],Voltage[V],Current[mA],,,Temp1[Deg],,,,Condition,Mode,Cycle,TotlCycle,Temp1[Deg]",
        lambda r: (
            f"{r.date:%Y/%m/%d},{r.date:%H:%M:%S.%f},{r.step_second:.0f},{r.volt:.4f},{abs(r.ampere) * 1e3:.4f},,,25.0,"
            f",,,{'RCD'.index(r.state)},{r.step},{r.cycle},{r.number},25.0"
        ),
        "0,0,1,0,0,0,0\n\n",
    )


def wonatech() -> str:
    """A cell's status as a number, capacities of the cycle, ticks that the clock explains."""
    return table(
        "DATE TIME,CHANNEL,TEST TIME(s),STEP TIME(s),STEP INDEX,TOTAL STEP,CYCLE INDEX,RUN STATUS,CELL STATUS,I RANGE,"
        "VOLTAGE(V),CURRENT(A),CHARGE Q(Ah),DISCHARGE Q(Ah),AUX. VOLTAGE(V),TEMPERATURE(C),OCP",
        lambda r: (
            f"{r.date},1,{r.second:.2f},{r.step_second:.2f},{(r.step - 1) % 4 + 1},{r.step},{r.cycle},1,"
            f"{ {'R': 1, 'C': 3, 'D': 4}[r.state] },2,{r.volt:.4f},{abs(r.ampere):.6f},{r.charge_ah:.8f},"
            f"{r.discharge_ah:.8f},{1 + r.number / 1000:.4f},0,0"
        ),
    )


def pne() -> str:
    """46 columns without a header; microvolts and microamperes, days and hundredths of a second."""

    def line(r: Record) -> str:
        cells = ["0"] * 46
        cells[0], cells[2], cells[7], cells[27] = str(r.number), str(" CDR".index(r.state)), str(r.step), str(r.cycle)
        cells[8], cells[9] = f"{r.volt * 1e6:.0f}", f"{abs(r.ampere) * 1e6:.0f}"
        cells[10], cells[11] = f"{r.half_ah * 1e6 * (r.state == 'C'):.0f}", f"{r.half_ah * 1e6 * (r.state == 'D'):.0f}"
        cells[18], cells[19] = "0", f"{r.second * 100:.0f}"
        return "\t".join(cells)

    return "".join(f"{line(r)}\n" for r in RECORDS)


def eclab(time: Callable[[Record], str]) -> str:
    """Lines above the header whose number is announced; the cycle counts from 0 in real files."""
    return table(
        "mode\tox/red\tNs changes\tNs\ttime/s\tEwe/V\t<I>/mA\tQ discharge/mA.h\tQ charge/mA.h\tcycle number\t",
        lambda r: (
            f"1\t1\t0\t{r.step}\t{time(r)}\t{r.volt:.7E}\t{r.ampere * 1e3:.7E}\t{r.discharge_ah * 1e3:.9E}\t"
            f"{r.charge_ah * 1e3:.9E}\t{r.cycle}.000000000000000E+000\t"
        ),
        "EC-Lab ASCII FILE\nNb header lines : 4                          \n\n",
    )


def eclab_commas() -> str:
    """Seconds, decimal commas."""
    return eclab(lambda r: f"{r.second:.9E}").replace(".", ",")


def eclab_dates() -> str:
    """Absolute times in the column that is named time/s."""
    return eclab(lambda r: f"{r.date:%m/%d/%Y %H:%M:%S.%f}"[:-3])


def bdf() -> str:
    """Machine names of the Battery Data Format."""
    return table(
        "test_time_second,voltage_volt,current_ampere,cycle_count,step_count,charging_capacity_ah,discharging_capacity_ah",
        lambda r: f"{r.second},{r.volt:.4f},{r.ampere},{r.cycle},{r.step},{r.charge_ah},{r.discharge_ah}",
    )


SAMPLES: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "eclab_text, commas": ("eclab_text", eclab_commas),
    "eclab_text, dates": ("eclab_text", eclab_dates),
    "bdf": ("bdf", bdf),
    "arbin, workbook": ("arbin_csv", arbin_workbook),
    "neware, workbook": ("neware_csv", neware_workbook),
    "gamry": ("gamry", gamry),
    "toyo": ("toyo", toyo),
    "wonatech": ("wonatech", wonatech),
    "pne": ("pne", pne),
    "maccor, days": ("maccor", maccor_days),
    "maccor, minutes": ("maccor", maccor_minutes),
    "maccor, seconds": ("maccor", maccor_seconds),
    "maccor, milliamperes": ("maccor", maccor_milli),
    "maccor, commas": ("maccor", maccor_csv),
    "neware_nested": ("neware_nested", neware_nested),
    "neware_nested, layers": ("neware_nested", neware_layers),
    "landt": ("landt", landt),
    "basytec": ("basytec", basytec),
    "novonix": ("novonix", novonix),
    "pec": ("pec", pec),
}
"""One sample a format, more where it has dialects: the name of the format, and what writes it."""


@dataclass(frozen=True)
class Log:
    """A logger's sample: its format, its text, the answers that it needs."""

    format: str
    text: str
    asked: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)


SECONDS = np.arange(60) * 2.0
KGF = np.round(480 + 5 * np.sin(SECONDS / 20), 2)
STAMPS = [START + timedelta(seconds=second) for second in SECONDS]
LVM_HEAD = "LabVIEW Measurement\t\nWriter_Version\t2\nSeparator\tTab\nMulti_Headings\tYes\nX_Columns\t{columns}\n"
LVM_END = "***End_of_Header***\t\n\t\n"


def lvm_block(begin: int, end: int) -> str:
    """A block of a measurement: its times are its rows' numbers times Delta_X."""
    rows = "".join(f"\t{KGF[k]:.6f}\t{k / 7:.6f}\n" for k in range(begin, end))
    return (
        f"Channels\t2\t\t\nSamples\t30\t30\t\nDate\t2024/04/25\t2024/04/25\t\n"
        f"Time\t{STAMPS[begin]:%H:%M:%S},5\t{STAMPS[begin]:%H:%M:%S},5\t\n"
        "Y_Unit_Label\tkgf\tm/s^2\t\nX_Dimension\tTime\tTime\t\n"
        f"X0\t0.0E+0\t0.0E+0\t\nDelta_X\t2.000000\t2.000000\t\n"
        f"***End_of_Header***\t\t\t\nX_Value\tLoad A\tShake\tComment\n{rows}\n"
    ).replace(".", ",")


LVM_1904 = (
    LVM_HEAD.format(columns="One")
    + "Date\t1903/12/31\nTime\t19:00:00\n"
    + LVM_END
    + "Channels\t1\t\nDate\t1903/12/31\t\nTime\t19:00:00\t\nY_Unit_Label\tkgf\t\nX0\t0\t\nDelta_X\t2\t\n"
    + "***End_of_Header***\t\t\nX_Value\tLoad A\tComment\n"
    + "".join(f"{3796884000 + t:.6f}\t{f:.2f}\n" for t, f in zip(SECONDS, KGF, strict=True))
)
LOGS = {
    "labview, two blocks": Log(
        "labview",
        LVM_HEAD.format(columns="No") + "Decimal_Separator\t,\n" + LVM_END + lvm_block(0, 30) + lvm_block(30, 60),
    ),
    "labview, since 1904": Log("labview", LVM_1904),
    "picolog": Log(
        "picolog",
        '"","Load Last (kgf)","Load Ave. (kgf)","Load Min. (kgf)","Load Max. (kgf)","Air Last (C)"\n'
        + "".join(
            f'"{1714039200 + t:.0f}","{f:.2f}","{f - 1:.2f}","{f - 2:.2f}","{f + 2:.2f}","25.1"\n'
            for t, f in zip(SECONDS, KGF, strict=True)
        ),
    ),
    "data acquisition": Log(
        "generic",
        "Date;Time;Dev1/ai0 (V);Dev1/ai1 (kgf);Dev1/ai2 (°C)\n"
        + "".join(
            f"{t:%d.%m.%Y};{t:%H:%M:%S};{f / 500:.5f};{f:.2f};25,1\n".replace(".", ",").replace(",04,2024", ".04.2024")
            for t, f in zip(STAMPS, KGF, strict=True)
        ),
    ),
    "data acquisition, no units": Log(
        "generic",
        "Time (s),ch1,ch2,ch3\n" + "".join(f"{t},{t / 9:.3f},{f},7\n" for t, f in zip(SECONDS, KGF, strict=True)),
        ("signal", "signal_quantity", "unit:surface_pressure_mpa"),
        {"signal": "ch2", "signal_quantity": "force_newton", "unit:force_newton": "kgf"},
    ),
    "indicator": Log(
        "indicator", "".join(f"{t} ST,GS,+{f:8.2f}kg\n" for t, f in zip(STAMPS, KGF, strict=True))
    ),
    "indicator, no unit": Log(
        "indicator", "".join(f"{t},0+{f:7.2f}\n" for t, f in zip(STAMPS, KGF, strict=True)),
        ("unit:force_newton",), {"unit:force_newton": "kgf"},
    ),
    "indicator, no date": Log(
        "indicator", "".join(f"{t:%H:%M:%S}\tUS,NT,+{f:8.2f}kgf\n" for t, f in zip(STAMPS, KGF, strict=True))
    ),
}  # fmt: skip
"""Samples of loggers: the same force, as each of them writes it."""


def read_sample(
    folder: Path, content: str | bytes, answers: dict[str, Any] | None = None, name: str = "x.txt"
) -> Reading:
    """The sample, read from a file."""
    path = folder / "upload"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_export(path, name, answers or {})


def column(name: str) -> list[float]:
    """What every record holds in a field."""
    return [getattr(record, name) for record in RECORDS]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_read_back_the_same(tmp_path: Path, name: str) -> None:
    """Every record, its numbers, its line in the file, the capacities of its cycle; nothing is asked or set aside."""
    content = SAMPLES[name][1]()
    reading = read_sample(tmp_path, content, {"no_header": "pne"})
    assert (reading.format, reading.questions, reading.rows_quarantined) == (SAMPLES[name][0], [], 0)
    found = reading.table
    assert len(found) == reading.rows_read == len(RECORDS)
    for ours, theirs, digits in (
        ("test_time_second", "second", 0.01), ("voltage_volt", "volt", 1e-4), ("current_ampere", "ampere", 1e-7),
        ("instrument_cycle_count", "cycle", 0), ("step_count", "step", 0),
        ("cycle_charging_capacity_ah", "charge_ah", 2e-7), ("cycle_discharging_capacity_ah", "discharge_ah", 2e-7),
    ):  # fmt: skip
        if ours in found or theirs in ("second", "volt", "ampere"):
            np.testing.assert_allclose(found[ours], column(theirs), rtol=0, atol=digits, err_msg=ours)
    assert {"not_connected", "sentinel", "only_volts"} >= {problem.code for problem in reading.problems}
    if isinstance(content, bytes):
        return
    lines = [line.replace(",", ".") for line in content.splitlines()]
    if name == "pne":
        return
    assert all(f"{r.volt:.2f}" in lines[line - 1] for line, r in zip(found["source_row"], RECORDS, strict=True))


def test_dates_with_the_month_first_do_not_slow_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clean file is read the fast way, whatever the order of its dates."""
    monkeypatch.setattr("ingest.reading.export.read_rows", None)
    assert len(read_sample(tmp_path, landt()).table) == len(RECORDS)


@pytest.mark.parametrize("name", LOGS)
def test_a_loggers_sample_is_read_back_the_same(tmp_path: Path, name: str) -> None:
    """Force in N, times from the start of each block, what only a person knows is asked."""
    log = LOGS[name]
    assert tuple(question.code for question in read_sample(tmp_path, log.text).questions) == log.asked
    reading = read_sample(tmp_path, log.text, log.answers)
    assert (reading.format, reading.kind, reading.questions) == (log.format, "mechanical", [])
    assert (len(reading.table), reading.rows_quarantined) == (60, 0)
    np.testing.assert_allclose(reading.table["force_newton"], KGF * 9.80665, rtol=1e-9)
    time = reading.table["test_time_second"]
    starts = time.groupby(reading.table["segment"]).transform("first")
    np.testing.assert_allclose(time - starts, np.concatenate([SECONDS[:30]] * 2) if "two blocks" in name else SECONDS)


def test_a_block_of_a_measurement_has_its_own_clock(tmp_path: Path) -> None:
    """A restart is a segment; the date of each block goes on; a time since 1904 is UTC."""
    table = read_sample(tmp_path, LOGS["labview, two blocks"].text).table
    assert table["segment"].tolist() == [0] * 30 + [1] * 30
    clock = table["local_time_second"].to_numpy()
    np.testing.assert_allclose(clock - clock[0], SECONDS)
    assert clock[0] % 60 == 0.5
    unix = read_sample(tmp_path, LOGS["labview, since 1904"].text).table["unix_time_second"]
    assert unix.iloc[0] == 3796884000 - 2082844800


def test_a_block_with_other_channels_is_set_aside(tmp_path: Path) -> None:
    """A unit that changes in the middle of a measurement is never read as the one before."""
    text = LVM_HEAD.format(columns="No") + LVM_END + lvm_block(0, 30) + lvm_block(30, 45).replace("kgf", "N")
    reading = read_sample(tmp_path, text)
    assert (len(reading.table), reading.rows_quarantined) == (30, 16)


def test_lines_of_an_indicator_that_differ_are_set_aside(tmp_path: Path) -> None:
    """Another unit, or no reading at all; an overload is a reading without a number."""
    lines = LOGS["indicator"].text.splitlines()
    lines[3], lines[4] = lines[3].replace("kg", "g"), "power failure"
    lines[5] = "2024-04-25 10:00:10 OL,GS,+9999999kg"
    reading = read_sample(tmp_path, "\n".join(lines) + "\n")
    assert reading.quarantine["line"].tolist() == [4, 5]
    assert np.flatnonzero(reading.table["force_newton"].isna()).tolist() == [3]


def test_a_log_of_temperatures_is_refused(tmp_path: Path) -> None:
    """No channel of it can be a sensor of pressure, force or thickness."""
    text = '"","Air Last (C)","Air Ave. (C)"\n' + "".join(f'"{1714039200 + n}","25.1","25.1"\n' for n in range(9))
    with pytest.raises(RefusedFileError, match="nor one of pressure, force or thickness"):
        read_sample(tmp_path, text)


def test_sheets_of_one_channel_are_read_as_one_test(tmp_path: Path) -> None:
    """A Channel sheet that goes on in the next is no restart; what was left aside is stated; rows are counted on."""
    reading = read_sample(tmp_path, arbin_workbook())
    assert [note.text for note in reading.assumptions if note.code == "sheets"] == [
        "Read: Channel_11_1, Channel_11_2, rows counted on from one to the next; left aside: Statistics_11"
    ]
    assert reading.table["segment"].max() == 0
    assert reading.table["source_row"].tolist() == [*range(2, 72), *range(73, 123)]
    times = reading.table["local_time_second"]
    np.testing.assert_allclose(times - times[0], column("second"), atol=0.01)


def test_a_workbook_of_several_channels_asks_which(tmp_path: Path) -> None:
    """Two cells in one workbook are never mixed."""
    content = workbook(("Channel_1_1", arbin_rows(RECORDS[:60])), ("Channel_2_1", arbin_rows(RECORDS)))
    assert [q.code for q in read_sample(tmp_path, content).questions] == ["workbook_channel"]
    assert len(read_sample(tmp_path, content, {"workbook_channel": "Channel_2"}).table) == len(RECORDS)


def lying(content: bytes) -> bytes:
    """A workbook that lists a sheet with less than it unpacks to."""
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 22  # the size when unpacked, in the central directory
    return content[:place] + (100).to_bytes(4, "little") + content[place + 4 :]


def many_parts() -> bytes:
    """A zip archive of more parts than a workbook has."""
    target = BytesIO(arbin_workbook())
    with zipfile.ZipFile(target, "a") as archive:
        for n in range(101):
            archive.writestr(f"xl/media/{n}", b"")
    return target.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "many parts": (many_parts, "too_large_inside", "110 parts"),
    "much, small when packed": (
        lambda: workbook(("record", [*arbin_rows(RECORDS), *[["0" * 99_999]] * 30])),
        "too_large_inside", "times its size",
    ),
    "a list that lies": (lambda: lying(arbin_workbook()), "damaged", "cannot be unpacked"),
    "cut off": (lambda: arbin_workbook()[:-400], "damaged", "cannot be unpacked"),
    "an old workbook that is none": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "damaged", "damaged"),
    "a password": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"),
        "password", "protected by a password",
    ),
    "no records": (lambda: workbook(("Info", [["a", "b"], [1, 2]])), "no_table", "No sheet"),
    "formulas without values": (
        lambda: workbook(("record", [*arbin_rows(RECORDS), ["=A2", 1.0, 1.0, 1, 1, 3.0, "=G2*1", 0, 0]])),
        "formulas", "formulas without their values",
    ),
    "BioLogic's own": (lambda: b"BIO-LOGIC MODULAR FILE\x1a" + bytes(200), "not_read_yet", "Export as text"),
    "WonATech's own": (lambda: bytes(range(256)) * 20, "not_read_yet", "Smart Interface"),
}  # fmt: skip
"""Files that are no text and are refused: what makes one, the code, and words of the sentence."""


@pytest.mark.parametrize("name", REFUSED)
def test_a_binary_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """With a sentence that says what it is and what to do instead; a bomb is not unpacked."""
    make, code, words = REFUSED[name]
    with pytest.raises(RefusedFileError) as refused:
        read_sample(tmp_path, make(), name="x.wrd")
    assert (refused.value.code, words in refused.value.text) == (code, True), refused.value.text


def test_a_workbook_is_not_unpacked_beyond_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it lists is added up before anything is unpacked."""
    monkeypatch.setattr("ingest.reading.workbook.MOST_BYTES", 1000)
    with pytest.raises(RefusedFileError, match="MB when unpacked"):
        read_sample(tmp_path, arbin_workbook())


def test_every_format_that_is_read_has_a_sample() -> None:
    """A format without a sample is not known to be read right."""
    elsewhere = {"merged", "labview_bench"}
    found = {name for name, _ in SAMPLES.values()} | {log.format for log in LOGS.values()}
    assert {p.name for p in PROFILES} - elsewhere == found


def test_what_a_format_says_in_its_own_way_is_stated(tmp_path: Path) -> None:
    """A current without a sign, a clock without a date, a capacity that counts both ways: each is an assumption."""
    for name, code in (
        ("maccor, days", "sign_from_state"),
        ("maccor, commas", "no_dates"),
        ("novonix", "capacity_by_direction"),
    ):
        reading = read_sample(tmp_path, SAMPLES[name][1]())
        assert code in {note.code for note in reading.assumptions}, name
    assert any("falls on discharge" in note.text for note in reading.assumptions)


def test_an_auxiliary_input_has_its_unit_beside_it(tmp_path: Path) -> None:
    """Maccor's auxiliary inputs: a pressure in psi is one; one that is not plugged in is not asked about."""
    content = maccor_days().replace("-2501.71411\t C  \t", "1000.5\t psi \t")
    lines = [line if k % 2 else line.replace("1000.5", "1001.5") for k, line in enumerate(content.splitlines())]
    reading = read_sample(tmp_path, "\n".join(lines) + "\n")
    assert reading.questions == []
    assert set(reading.table["surface_pressure_mpa"].round(4)) == {
        round(p * 6.894757293168e-3, 4) for p in (1000.5, 1001.5)
    }
    two = (
        maccor_days()
        .replace("Aux #1\t Units\t", "Aux #1\t Units\tAux #2\t Units\t")
        .replace(" C  \t", " C  \t-2526.1\t C  \t")
    )
    plain = read_sample(tmp_path, two)
    assert (plain.questions, "surface_temperature_celsius" in plain.table) == ([], False)


def test_pne_counts_days_and_hundredths_of_a_second(tmp_path: Path) -> None:
    """The running time of a test of more than a day."""
    lines = [line.split("\t") for line in pne().splitlines()]
    for cells in lines[60:]:
        cells[18] = "1"
    text = "".join("\t".join(cells) + "\n" for cells in lines)
    time = read_sample(tmp_path, text, {"no_header": "pne"}).table["test_time_second"]
    assert time.iloc[60] - time.iloc[59] == pytest.approx(86400.1)


def test_maccor_volts_that_are_millivolts_are_asked_about(tmp_path: Path) -> None:
    """A column named Volts with thousands in it: never stored as it is."""
    content = maccor_milli().replace("\t3,", "\t3")
    reading = read_sample(tmp_path, content, {"voltage_unit": "mV"})
    assert [q.code for q in read_sample(tmp_path, content).questions] == ["voltage_unit"]
    np.testing.assert_allclose(reading.table["voltage_volt"], [(r.volt * 1e5) / 1e3 for r in RECORDS], rtol=1e-9)
