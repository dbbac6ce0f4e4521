"""The current of a record: with the sign that charges, whatever the file's convention."""

import numpy as np
from numpy.typing import NDArray

from ingest.reading.cells import Floats
from ingest.reading.columns_of_text import Body
from ingest.reading.current_sign import (
    both_directions,
    is_unsigned,
    sign_by_voltage,
    sign_evidence,
    sign_from_capacities,
)
from ingest.reading.findings import Question
from ingest.reading.findings_log import Findings
from ingest.reading.mapping import Plan
from ingest.reading.plausibility import Channel, warn_of_current

_SIGNS = (("charge", "positive current charges"), ("discharge", "positive current discharges"))
_UNSIGNED = (("by_voltage", "where the voltage falls, the cell discharges"), ("charge", "it only charges"))
_MOSTLY = 0.9


def add_current(
    columns: dict[str, Floats], plan: Plan, body: Body, segment: NDArray[np.int32], findings: Findings
) -> None:
    """Put current_ampere (positive charges) among the columns; what was derived is noted, what is open is asked."""
    source = plan.of("current_ampere")
    if source is None:
        findings.assume("open_circuit", "The technique is open circuit (mode 3): the current is zero by definition")
        columns["current_ampere"] = np.zeros(body.rows)
        return
    current = columns["current_ampere"]
    warn_of_current(Channel("current_ampere", source.source, current), body.lines, findings)
    if is_unsigned(current):
        signed = _signed(columns, plan, body, segment, findings)
        if signed is not None:
            columns["current_ampere"] = signed
            return
    if _is_flipped(columns, body, segment, source.source, findings):
        np.negative(current, out=current)
        if not findings.is_asked("current_sign"):
            findings.assume("current_sign", f"{source.source}: positive discharges in the file; its sign was turned")


def _signed(
    columns: dict[str, Floats], plan: Plan, body: Body, segment: NDArray[np.int32], findings: Findings
) -> Floats | None:
    """An unsigned current with its sign, from state, capacities or voltage; None where it is right as it is."""
    current, title = columns["current_ampere"], plan.of("current_ampere")
    name = title.source if title else ""
    state = body.numbers.get("state")
    if state is not None and (state < 0).any():
        findings.assume("sign_from_state", f"{name} has no sign: negative where the state says discharge")
        return np.where(state < 0, -current, current)
    charging, discharging = (
        body.numbers.get("cycle_charging_capacity_ah"),
        body.numbers.get("cycle_discharging_capacity_ah"),
    )
    if charging is not None and discharging is not None and _only_discharges(charging, discharging, current):
        findings.assume("sign_from_capacity", f"{name} has no sign: negative where the discharge capacity grows")
        return sign_from_capacities(charging, discharging, current)
    voltage = columns["voltage_volt"]
    if not both_directions(voltage, current, segment):
        return None
    text = f"{name} has no sign, and the voltage both rises and falls while it flows: which way does it flow?"
    question = Question("current_unsigned", text, _UNSIGNED, name)
    answer = findings.ask(question, suggested="by_voltage", against=("charge",))
    if answer == "charge":
        return current
    if not findings.is_asked("current_unsigned"):
        findings.assume("sign_from_voltage", f"{name} has no sign: negative where the voltage falls")
    return sign_by_voltage(voltage, current, columns.get("step_count"), segment)


def _only_discharges(charging: Floats, discharging: Floats, current: Floats) -> bool:
    """Whether in some rows that carry current only the discharge capacity grows."""
    return bool(((np.diff(discharging) > 0) & (np.diff(charging) <= 0) & (current[1:] > 0)).any())


def _is_flipped(
    columns: dict[str, Floats], body: Body, segment: NDArray[np.int32], name: str, findings: Findings
) -> bool:
    """Whether positive current discharges in this file: asked where state or voltage say so."""
    current, state = columns["current_ampere"], body.numbers.get("state")
    reason, against = "", ["charge"]
    evidence = sign_evidence(columns["voltage_volt"], current, segment)
    if state is not None:
        telling = np.isfinite(state) & (state != 0) & (current != 0)
        if telling.any() and np.mean(np.sign(current[telling]) != state[telling]) > _MOSTLY:
            reason = "the file says discharge where the current is positive"
    if reason and evidence.is_right:
        reason += ", but the voltage rises with the current"
        against.append("discharge")
    if not reason and evidence.is_flipped:
        reason = (
            "the voltage falls when the current rises "
            f"(correlation {evidence.response:+.2f}, drift {evidence.drift:+.2f}; a cell's is positive)"
        ).replace("-", "\N{MINUS SIGN}")
    if not reason:
        return False
    question = Question("current_sign", f"{name}: {reason}. Which current discharges the cell?", _SIGNS, name)
    return findings.ask(question, suggested="discharge", against=against) == "discharge"
