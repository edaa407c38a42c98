"""The names on a list: sealed in the row, opened for whoever the list is for."""

from typing import Any

from carepath.kit import crypto


def name_of(r: Any, whole: bool = True) -> str:
    """A row with patient_id, first_name_enc and last_name_enc; the initials where they are enough to choose by."""
    if r["first_name_enc"] is None:
        return ""
    row_id = str(r["patient_id"])
    first = crypto.unseal(r["first_name_enc"], "patient.first_name_enc:" + row_id)
    last = crypto.unseal(r["last_name_enc"], "patient.last_name_enc:" + row_id)
    return f"{first} {last}" if whole else f"{first[:1]}. {last[:1]}."
