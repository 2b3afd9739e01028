"""The template maps itself when it comes back; the sample shows every fault the app knows how to treat."""

import io
import re
import zipfile
from collections import Counter

import openpyxl
import pytest

from lib import mapping, sheet, validation
from lib.contact.fields import FIELDS, SEX_WORDS
from lib.contact.problems import ProblemCode
from lib.platform.connection import Options
from lib.results.samples import sample, template
from lib.words import LANGUAGES, t, words

both = pytest.mark.parametrize("lang", LANGUAGES)


def first_sheet(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


@both
def test_every_column_of_the_template_maps_itself(lang):
    suggested = mapping.suggest(sheet.read(template(lang), "template.xlsx"))
    assert suggested.columns == {field.name: t(f"field.{field.name}.label", lang) for field in FIELDS}
    assert suggested.offers == {}


@both
def test_the_example_row_of_the_template_passes_the_check(lang):
    read = sheet.read(template(lang), "template.xlsx", example_lines=True)
    review = validation.check(mapping.apply(read, mapping.suggest(read)), Options(), practice=True)
    assert (len(review.contacts), review.problems.to_dict("records")) == (1, [])
    assert review.contacts["sex"].tolist() == ["1"]


@both
def test_the_example_row_says_that_it_is_one_and_calls_nobody(lang):
    row = [cell.value for cell in first_sheet(template(lang))[2]]
    assert re.fullmatch("154[0-9]{8}", row[0])
    assert re.search("示例" if lang == "zh" else "example", row[1])
    left = sheet.read(template(lang), "template.xlsx")
    assert left.table.empty
    assert sheet.NoteCode.EXAMPLE_LINE in {note.code for note in left.notes}


@both
def test_a_number_typed_into_the_template_stays_text(lang):
    page = first_sheet(template(lang))
    letters = [openpyxl.utils.get_column_letter(at) for at in range(1, len(FIELDS) + 1)]
    assert {page.column_dimensions[letter].number_format for letter in letters} == {"@"}
    assert page.freeze_panes == "A2"


@both
def test_the_template_offers_words_for_sex_the_app_understands(lang):
    (choice,) = first_sheet(template(lang)).data_validations.dataValidation
    offered = choice.formula1.strip('"').split(",")
    assert [SEX_WORDS[word] for word in offered] == ["1", "2", "0"]
    column = [cell.value for cell in first_sheet(template(lang))[1]].index(t("field.sex.label", lang)) + 1
    assert str(choice.sqref).startswith(f"{openpyxl.utils.get_column_letter(column)}2:")
    assert choice.errorStyle == "warning"


@both
def test_the_notes_of_the_template_tell_each_field_and_which_is_required(lang):
    book = openpyxl.load_workbook(io.BytesIO(template(lang)))
    told = {row[0]: row[1:] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True) if row[0]}
    for field in FIELDS:
        required, meaning = told[t(f"field.{field.name}.label", lang)]
        assert required == t("samples.required" if field.required else "samples.optional", lang)
        assert meaning == t(f"field.{field.name}.help", lang)
    assert t("field.component.label", lang) in told


def test_labels_are_different_from_each_other_within_a_language():
    for lang in LANGUAGES:
        labels = [
            t(f"field.{name}.label", lang).casefold() for name in (*(f.name for f in FIELDS), "component")
        ]
        assert len(set(labels)) == len(labels)


@both
def test_the_sample_is_the_same_file_every_time(lang):
    assert sample(lang) == sample(lang)
    assert sample(lang)[0].endswith(".xlsx")


@both
def test_the_sample_is_read_below_its_title_and_maps_itself_but_for_the_odd_column(lang):
    name, data = sample(lang)
    read = sheet.read(data, name)
    assert (read.header_row, len(read.table)) == (2, 58)
    suggested = mapping.suggest(read)
    assert set(suggested.columns) == {"phone", "name", "company", "email", "sex", "extra"}
    assert suggested.offers == {}
    assert len(read.table.columns) == 7
    assert {note.code.value for note in read.notes} == {"blank_rows", "title_rows", "total_line"}


@both
def test_the_sample_has_every_fault_it_promises(lang):
    name, data = sample(lang)
    read = sheet.read(data, name)
    review = validation.check(mapping.apply(read, mapping.suggest(read)), Options(), practice=True)
    assert Counter(review.problems["code"]) == {
        ProblemCode.PHONE_LOST_DIGITS: 1,
        ProblemCode.PHONE_REPEATED: 3,
        ProblemCode.PHONE_LANDLINE: 1,
        ProblemCode.PHONE_SERVICE_NUMBER: 1,
        ProblemCode.PHONE_SEVERAL: 1,
        ProblemCode.PHONE_MISSING: 1,
        ProblemCode.PHONE_TOO_SHORT: 1,
        ProblemCode.PHONE_TOO_LONG: 1,
        ProblemCode.PHONE_TEXT: 1,
        ProblemCode.SEX_UNKNOWN_WORD: 1,
        ProblemCode.EMAIL_INVALID: 1,
    }
    cleaned = set("+".join(review.changes.loc[review.changes["field"].eq("phone"), "kind"]).split("+"))
    assert cleaned == {"country_code", "spaces", "punctuation", "full_width", "scientific", "apostrophe"}


@both
def test_the_sample_holds_one_true_number_and_calls_nobody(lang):
    page = first_sheet(sample(lang)[1])
    numbers = [
        cell for row in page.iter_rows() for cell in row if cell.data_type == "n" and cell.value is not None
    ]
    assert [(cell.coordinate, cell.value) for cell in numbers] == [("B13", 15400001244)]
    phones = [str(cell.value) for cell in page["B"] if cell.value]
    digits = [
        found
        for text in phones
        for found in re.findall("1[3-9][0-9]{9}", re.sub("[ -]|[86]{2}(?=1)", "", text))
    ]
    assert len(digits) > 40
    assert {found[:3] for found in digits} == {"154"}


@both
def test_the_sample_tests_rare_characters_and_markup(lang):
    names = [cell.value for cell in first_sheet(sample(lang)[1])["A"] if cell.value]
    assert any("𠮷" in name for name in names)
    assert any("🦌" in name for name in names)
    assert any("<" in name and "&" in name for name in names)


@both
def test_neither_file_contains_a_formula(lang):
    for data in (template(lang), sample(lang)[1]):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            sheets = b"".join(
                book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")
            )
        assert b"<f>" not in sheets
        assert b"<f " not in sheets


@pytest.mark.parametrize("area", ["field.", "results.", "samples."])
def test_both_languages_have_the_same_words_with_the_same_gaps(area):
    gaps = [
        {
            key: sorted(re.findall(r"{(\w+)}", str(text)))
            for key, text in words(lang).items()
            if key.startswith(area)
        }
        for lang in LANGUAGES
    ]
    assert gaps[0] == gaps[1]
    assert len(gaps[0]) > 10
