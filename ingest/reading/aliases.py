"""Names of columns as cyclers and loggers write them, and what each of them is.

An alias is a header without its unit, lower case, without blanks, underscores and hyphens.  Names marked
"not seen" come from manuals, not from a real file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.reading.header_units import factor_to_ours

QUANTITY_OF: dict[str, str] = {
    "test_time_second": "time",
    "unix_time_second": "time",
    "voltage_volt": "voltage",
    "current_ampere": "current",
    "instrument_cycle_count": "count",
    "step_count": "count",
    "record_index": "count",
    "cycle_charging_capacity_ah": "capacity",
    "cycle_discharging_capacity_ah": "capacity",
    "capacity_ah": "capacity",
    "surface_temperature_celsius": "temperature",
    "ambient_temperature_celsius": "temperature",
    "surface_pressure_mpa": "pressure",
    "force_newton": "force",
    "analogue_input_volt": "voltage",
    "thickness_micrometre": "length",
    "strain": "strain",
    "date_time": "text",
    "state": "text",
    "channel": "text",
    "open_circuit_mode": "count",
}
"""Quantity of every column that a source column can become."""

OUR_UNIT = {
    "time": "s", "voltage": "V", "current": "A", "capacity": "Ah", "pressure": "MPa", "force": "N",
    "temperature": "°C", "length": "µm", "strain": "", "count": "", "text": "",
}  # fmt: skip

ALIASES: dict[str, tuple[str, ...]] = {
    "test_time_second": (
        "testtime", "time", "totaltime", "cumulativetime", "elapsed", "elapsedtime", "passtime", "runtime",
        "timeelapsed", "test", "t", "시간", "시험시간", "경과시간", "총시간", "测试时间", "时间", "总时间",
    ),
    "unix_time_second": ("unixtime", "uts", "unixtimestamp", "epoch"),
    "date_time": (
        "datetime", "date", "dpttime", "timestamp", "datetimeisostring", "datestamp", "absolutetime", "realtime",
        "dateandtime", "systemtime", "날짜", "일시", "日期", "绝对时间", "系统时间",
    ),
    "voltage_volt": (
        "voltage", "volts", "volt", "mvolts", "cellvoltage", "ecell", "ewe",
        "<ewe>", "u", "v", "potential", "vcell", "전압", "电压",
    ),
    "current_ampere": ("current", "<i>", "i", "amps", "mamps", "cellcurrent", "전류", "电流"),
    "instrument_cycle_count": (
        "cycleindex", "cyclenumber", "cyclecount", "cycle",
        "cyc#", "cycleno", "cyclec", "cycleid", "instrumentcyclecount",
        "사이클", "循环号", "循环序号",
    ),
    "step_count": (
        "stepcount", "stepindex", "step", "ns", "stepid", "stepnumber", "totalstep", "스텝", "工步号", "工步序号",
    ),
    "record_index": (
        "recordindex", "datapoint", "record", "rec#", "recordnumber",
        "index", "recordid", "dataset", "记录序号", "数据序号",
    ),
    "cycle_charging_capacity_ah": (
        "cyclechargingcapacity", "chargingcapacity", "chargecapacity", "chg.cap.", "qcharge", "ahcyccharge", "chargeq",
        "capacitancechg",
        "충전용량", "充电容量",
    ),
    "cycle_discharging_capacity_ah": (
        "cycledischargingcapacity", "dischargingcapacity", "dischargecapacity", "dchg.cap.", "qdischarge",
        "ahcycdischarge", "dischargeq", "capacitancedchg", "방전용량", "放电容量",
    ),
    "capacity_ah": ("stepcapacity", "capacity", "cap.", "amphr", "mamphr", "용량", "容量"),
    "surface_temperature_celsius": (
        "surfacetemperature", "celltemperature", "temperature", "temperaturet1", "temperature1", "auxtemperature1",
        "t1", "temp", "tcell", "t", "온도", "温度",
    ),
    "ambient_temperature_celsius": (
        "ambienttemperature", "chambertemperature", "tamb", "tambient", "oventemperature", "roomtemperature",
    ),
    "surface_pressure_mpa": (
        "surfacepressure", "pressure", "stackpressure",
        "cellpressure", "auxpressure", "auxpressurecell", "auxpressure1",
        "압력", "压力",  # not seen
    ),
    "force_newton": (
        "force", "load", "weight", "loadcell", "stackforce", "auxforce", "하중", "로드셀", "힘",  # not seen
    ),
    "analogue_input_volt": ("analogin1", "auxvoltage1", "aux.voltage", "analoginput", "analogueinput"),
    "thickness_micrometre": ("thickness", "thicknesschange", "displacement", "dilation", "두께"),
    "strain": ("strain", "hoopstrain", "auxstrain1"),
    "state": ("state", "md", "steptype", "stepname", "cellstatus", "상태", "工步类型"),
    "channel": ("channel", "channelindex", "channelid", "채널"),
}  # fmt: skip
"""Column -> its aliases, the more specific first: of two that stand in one header the earlier is taken."""

_PLACES: dict[str, list[tuple[str, int]]] = {}
for _column, _names in ALIASES.items():
    for _rank, _name in enumerate(_names):
        _PLACES.setdefault(_name, []).append((_column, _rank))
FIXED_UNITS = {
    "auxpressurecell": "mbar",  # cellpy
    "volts": "V", "mvolts": "mV", "amps": "A", "mamps": "mA", "amphr": "Ah", "mamphr": "mAh",  # Maccor
    "ahcyccharge": "Ah", "ahcycdischarge": "Ah",  # BaSyTec
}  # fmt: skip
"""Names that mean one unit although they do not say it as others do."""

_BRACKETS = re.compile(r"^(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]*)[)\]]\s*$")
_SLASH = re.compile(r"^(?P<name>.+?)\s*/\s*(?P<unit>[^/]+(?:/(?:cm2|cm²|mm2|mm²|m))?)$")
_COMMA = re.compile(r"^(?P<name>.+?)\s*,\s*(?P<unit>[^,]+)$")
_SUFFIX = re.compile(r"^(?P<name>.+)[_ ](?P<unit>[^_ ]+)$")


@dataclass(frozen=True, slots=True)
class HeaderName:
    """One header cell, understood: column (None: unknown), rank among its aliases, unit as written, factor."""

    column: str | None
    rank: int = 0
    unit: str = ""
    factor: float | None = None


def alias(name: str) -> str:
    """A header's name as it is looked up.

    >>> alias("Test_Time"), alias("<I>"), alias("Cycle Index")
    ('testtime', '<i>', 'cycleindex')
    """
    return re.sub(r"[\s_\-]+", "", name).lower()


def understand(header: str, extra: Mapping[str, str] | None = None) -> HeaderName:
    """What a header cell is: its column, unit and factor.

    `extra` are a profile's own names, {alias: column}; "" takes an alias away.

    >>> understand("Current(mA)")
    HeaderName(column='current_ampere', rank=0, unit='mA', factor=0.001)
    >>> understand("load_kgf").column, understand("Voltage / V").unit, understand("dV/dt(V/s)").column
    ('force_newton', 'V', None)
    """
    text = header.strip().strip('"').strip()
    for pattern in (_BRACKETS, _SLASH, _COMMA, _SUFFIX):
        match = pattern.match(text)
        if match is None:
            continue
        found = _known(match["name"], match["unit"].strip(), extra)
        if found is not None:
            return found
    return _known(text, "", extra) or HeaderName(None)


def _known(name: str, unit: str, extra: Mapping[str, str] | None) -> HeaderName | None:
    key = alias(name)
    places = [(extra[key], -1)] if extra is not None and key in extra else _PLACES.get(key, [])
    for column, rank in places:
        if not column:
            continue
        quantity = QUANTITY_OF[column]
        unit = unit or FIXED_UNITS.get(key, "")
        factor = factor_to_ours(quantity, unit)
        if factor is not None or not unit:
            return HeaderName(column, rank, unit, factor)
    return None
