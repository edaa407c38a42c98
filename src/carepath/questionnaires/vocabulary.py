"""The words of FHIR that the engine knows: extensions, item types, and lists of answers inside a form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from carepath.questionnaires import values
from carepath.questionnaires.definition import Option

SD = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
HIDDEN, CONTROL, UNIT = f"{SD}questionnaire-hidden", f"{SD}questionnaire-itemControl", f"{SD}questionnaire-unit"
UNIT_OPTION, CATEGORY = f"{SD}questionnaire-unitOption", f"{SD}questionnaire-displayCategory"
HELP, FORMAT = f"{SDC}sdc-questionnaire-help", f"{SD}entryFormat"
CALCULATED = f"{SDC}sdc-questionnaire-calculatedExpression"
ENABLE = f"{SDC}sdc-questionnaire-enableWhenExpression"
VARIABLE, LAUNCH = f"{SD}variable", f"{SDC}sdc-questionnaire-launchContext"
LOW, HIGH, MIN_LENGTH, REGEX = f"{SD}minValue", f"{SD}maxValue", f"{SD}minLength", f"{SD}regex"
FEWEST, MOST = f"{SD}questionnaire-minOccurs", f"{SD}questionnaire-maxOccurs"
EXCLUSIVE = f"{SD}questionnaire-optionExclusive"
WEIGHTS = frozenset({f"{SD}itemWeight", f"{SD}ordinalValue", f"{SD}questionnaire-ordinalValue"})
WEIGHT = f"{SD}itemWeight"
KNOWN = frozenset(
    {HIDDEN, CONTROL, UNIT, UNIT_OPTION, CATEGORY, HELP, FORMAT, CALCULATED, ENABLE, VARIABLE, LOW, HIGH, MIN_LENGTH}
    | {REGEX, FEWEST, MOST}
)
# What says how a form looks elsewhere or what becomes of its answers there: nothing that is asked changes by it.
HARMLESS = frozenset(
    {f"{SD}questionnaire-choiceOrientation", f"{SD}designNote", f"{SD}terminology-server", f"{SD}mimeType"}
    | {f"{SD}preferredTerminologyServer", f"{SDC}sdc-questionnaire-preferredTerminologyServer", f"{SD}maxSize"}
    | {f"{SDC}sdc-questionnaire-observationExtract", f"{SDC}sdc-questionnaire-choiceColumn"}
    | {f"{SDC}sdc-questionnaire-observation-extract-category", f"{SDC}sdc-questionnaire-observationExtractEntry"}
    | {f"{SDC}sdc-questionnaire-itemExtractionContext", f"{SDC}sdc-questionnaire-definitionExtract"}
    | {f"{SDC}sdc-questionnaire-definitionExtractValue", f"{SDC}sdc-questionnaire-extractAllocateId"}
    | {f"{SDC}sdc-questionnaire-templateExtract", f"{SDC}sdc-questionnaire-openLabel"}
    | {f"{SDC}sdc-questionnaire-unitSupplementalSystem", f"{SDC}sdc-questionnaire-shortText"}
)
KEYS = frozenset(
    {"linkId", "type", "text", "prefix", "code", "definition", "required", "repeats", "readOnly", "maxLength"}
    | {"enableWhen", "enableBehavior", "answerOption", "answerValueSet", "initial", "item", "extension", "id"}
)
TYPES = frozenset(
    {"group", "display", "choice", "open-choice", "boolean", "integer", "decimal", "date", "dateTime", "time"}
    | {"string", "text", "url", "quantity"}
)
OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
_OPTION_KINDS = {
    "valueInteger": "integer", "valueString": "string", "valueDate": "date", "valueTime": "time",
}  # fmt: skip


def contained(resource: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Codings of every ValueSet inside the form that lists its codes, by "#id"."""
    found = {}
    inside = resource.get("contained", [])
    for one in inside if isinstance(inside, list) else []:
        if isinstance(one, dict) and one.get("resourceType") == "ValueSet" and isinstance(one.get("id"), str):
            codings = _listed(one)
            if codings:
                found["#" + one["id"]] = codings
    return found


def _listed(valueset: Mapping[str, Any]) -> list[dict[str, Any]]:
    expansion = valueset.get("expansion")
    if isinstance(expansion, dict) and isinstance(expansion.get("contains"), list):
        return [one for one in expansion["contains"] if isinstance(one, dict) and one.get("code")]
    compose = valueset.get("compose")
    includes = compose.get("include", []) if isinstance(compose, dict) else []
    if not isinstance(includes, list) or any(
        not isinstance(one, dict) or "filter" in one or "valueSet" in one or not one.get("concept") for one in includes
    ):
        return []  # it would have to be looked up elsewhere
    return [{"system": i.get("system", ""), **concept} for i in includes for concept in i["concept"]]


def option(raw: Mapping[str, Any], number: int) -> Option:
    """One answerOption. ValueError when it is none."""
    coding = raw.get("valueCoding")
    extensions = [*_extensions(raw), *_extensions(coding)]
    weight = next((Decimal(str(e["valueDecimal"])) for e in extensions if _is_weight(e)), None)
    exclusive = any(e.get("url") == EXCLUSIVE and e.get("valueBoolean") is True for e in extensions)
    if isinstance(coding, dict):
        return _coded(coding, weight, exclusive)
    for key, kind in _OPTION_KINDS.items():
        if key in raw:
            values.read(kind, raw[key])
            answer = {key: raw[key]}
            if weight is not None:
                answer["extension"] = [{"url": WEIGHT, "valueDecimal": float(weight)}]
            return Option(str(raw[key]), "", str(raw[key]), weight, exclusive, answer)
    raise ValueError(f"answerOption {number + 1} has no valueCoding, valueInteger, valueString, valueDate or valueTime")


def _coded(coding: Mapping[str, Any], weight: Decimal | None, exclusive: bool) -> Option:
    code, display = str(coding.get("code") or ""), str(coding.get("display") or "")
    if not code and not display:
        raise ValueError("an option is a valueCoding with code or display")
    kept = {key: coding[key] for key in ("system", "code", "display") if coding.get(key)}
    if weight is not None:
        kept["extension"] = [{"url": WEIGHT, "valueDecimal": float(weight)}]
    return Option(
        code or display, str(coding.get("system") or ""), display or code, weight, exclusive, {"valueCoding": kept}
    )


def _extensions(raw: object) -> list[dict[str, Any]]:
    found = raw.get("extension", []) if isinstance(raw, Mapping) else []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_weight(extension: Mapping[str, Any]) -> bool:
    return extension.get("url") in WEIGHTS and "valueDecimal" in extension
