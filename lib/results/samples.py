"""Files a person starts from: the template to fill in, and a sample with the faults of real lists to try the app with."""

from collections.abc import Sequence

from lib.contact import component_rules
from lib.contact.fields import FIELDS, Field
from lib.contact.header_names import header_key
from lib.mapping import component_words
from lib.platform.directory import Component
from lib.results.xlsx import Page, Tone, workbook
from lib.words import t

#: The template's number; the 154 range is not in use, so a forgotten example row calls nobody.
EXAMPLE_PHONE = "15400001211"

#: What stands in the example row below a date.
EXAMPLE_DATE = "2026-03-04"

#: Marks a cell of `samples.rows` that is a true number in the file.
_NUMBER_MARK = "#"


def template(lang: str, components: Sequence[Component] = ()) -> bytes:
    """An xlsx to fill in: one text column per field under its label, an example row, and a page of notes.

    The labels are aliases of `lib.mapping.suggest`, so every column is recognised when the file comes back.
    components: of the account; a column each under the platform's own name, which is how they are recognised.
    """
    added = _own_columns(components, lang)
    sexes = tuple(t(f"samples.{word}", lang) for word in ("male", "female", "unknown"))
    sheet = Page(
        title=t("samples.template_sheet", lang),
        headers=[*(t(f"field.{field.name}.label", lang) for field in FIELDS), *(one.name for one in added)],
        columns=[
            *([_example(field, lang)] for field in FIELDS),
            *([_component_example(one, lang)] for one in added),
        ],
        choices={[field.name for field in FIELDS].index("sex"): sexes},
        tones={at: [Tone.QUIET] for at in range(len(FIELDS) + len(added))},
    )
    return workbook((sheet, _notes(lang, added)), lang)


def _own_columns(components: Sequence[Component], lang: str) -> list[Component]:
    """Components by the first of each name; one that is called like a field is fed from that field's column."""
    labels = {header_key(t(f"field.{field.name}.label", lang)) for field in FIELDS}
    first = {header_key(one.name): one for one in reversed(components) if one.name}
    return [
        one
        for one in components
        if first.get(header_key(one.name)) is one and header_key(one.name) not in labels
    ]


def _component_example(component: Component, lang: str) -> str:
    if component_rules.DATE in component.rules:
        return EXAMPLE_DATE
    return "1" if component_rules.INTEGER in component.rules else t("samples.example_value", lang)


def _example(field: Field, lang: str) -> str:
    own = {"phone": EXAMPLE_PHONE, "name": t("samples.example_name", lang), "sex": t("samples.male", lang)}
    return own.get(field.name, field.example)


def _notes(lang: str, components: Sequence[Component]) -> Page:
    lines = [
        (
            t(f"field.{field.name}.label", lang),
            t("samples.required" if field.required else "samples.optional", lang),
            t(f"field.{field.name}.help", lang),
        )
        for field in FIELDS
    ]
    for one in components:
        needed = "samples.required" if component_rules.is_required(one.rules) else "samples.optional"
        lines.append(
            (
                one.name,
                t(needed, lang),
                t(
                    "samples.note_own_component",
                    lang,
                    rules=component_words.describe_rules(one.type, one.rules, lang),
                ),
            )
        )
    optional = t("samples.optional", lang)
    component = t("field.component.help", lang) + t("results.join", lang) + t("samples.note_component", lang)
    lines.append((t("field.component.label", lang), optional, component))
    lines += [("", "", t(f"samples.note_{name}", lang)) for name in ("example", "text")]
    return Page(
        title=t("results.sheet.notes", lang),
        headers=[t(f"results.column.{name}", lang) for name in ("field", "required", "meaning")],
        columns=list(zip(*lines, strict=True)),
        tones={2: [Tone.WRAPPED] * len(lines)},
    )


def sample(lang: str) -> tuple[str, bytes]:
    """File name and xlsx of a contact list with realistic faults; the same bytes every time."""
    lines = [line.split("|") for line in t("samples.rows", lang).splitlines()]
    width = max(map(len, lines))
    rows = [line + [""] * (width - len(line)) for line in lines]
    numbers = frozenset(
        (at, column)
        for at, row in enumerate(rows)
        for column, text in enumerate(row)
        if text.startswith(_NUMBER_MARK)
    )
    columns = [[text.removeprefix(_NUMBER_MARK) for text in column] for column in zip(*rows, strict=True)]
    page = Page(title=t("samples.sheet", lang), headers=(), columns=columns, numbers=numbers)
    return t("samples.file_name", lang), workbook((page,), lang)
