"""What a browser would send back of a page that nobody touched."""

from collections.abc import Iterator

from carepath.questionnaires.answers import OTHER
from carepath.questionnaires.render import Field, SectionView


def submitted(view: SectionView) -> dict[str, list[str]]:
    """Form fields by name."""
    found: dict[str, list[str]] = {"shown": [view.shown]}
    for field in view.fields:
        for name, value in _sent(field):
            found.setdefault(name, []).append(value)
    return found


def _sent(field: Field) -> Iterator[tuple[str, str]]:
    if field.kind == "repeat":
        yield f"{field.name}.n", str(len(field.children))
    elif field.options:
        yield from ((field.name, one.value) for one in field.options if one.checked)
    elif field.kind not in {"group", "instance", "display"} and (field.kind != "select" or field.options):
        yield field.name, field.value
    if field.other is not None:
        yield f"{field.name}.{OTHER}", field.other
    yield from ((f"{field.name}.{OTHER}", one.value) for one in field.units if one.checked)
    for child in field.children:
        yield from _sent(child)
