"""A recipe is a whole set-up under a name: columns, components, words, destination."""

import pytest

from lib.draft import Draft
from lib.errors import Conflict
from lib.mapping.components import ComponentRow
from lib.platform.connection import practice
from lib.store import Store
from lib.store.recipes import MOST

ID = "2a87347c-6dd5-4e22-97fe-9b8001dbcd17"
HERE = practice("")
CSV = "姓名,手机号,备注,来源\n张伟,13012121211,甲,抖音\n"


def uploaded(store: Store, text: str = CSV) -> Draft:
    made = Draft(store)
    made.load_sheet(text.encode(), "客户.csv")
    return made


def kept(store: Store, name: str = "门店回访") -> Draft:
    draft = uploaded(store)
    draft.use_words_of(HERE)
    draft.change_mapping(draft.mapping.with_column("company", "备注").with_constant("grade_id", "3"))
    draft.say_word("source_id", "抖音", "7", HERE)
    draft.change_components([ComponentRow(id=ID, label="昵称", column="来源")])
    draft.keep_recipe(name, HERE)
    return draft


def used(store: Store, text: str, name: str = "门店回访") -> tuple[Draft, tuple[str, ...]]:
    draft = uploaded(store, text)
    lacking = draft.use_recipe(store.recipes.all()[name], [HERE.id])
    found = Draft.open(store, str(draft.id))
    assert found
    return found, lacking


def test_a_recipe_sets_another_sheet_up_as_the_first_one_was(store: Store) -> None:
    first = kept(store)
    draft, lacking = used(store, "手机号,备注,来源,姓名,新列\n13012121212,乙,抖音,王芳,x\n")
    assert lacking == ()
    assert draft.mapping.columns == first.mapping.columns
    assert draft.mapping.constants["grade_id"] == "3"
    assert draft.component_rows == first.component_rows
    draft.use_words_of(HERE)
    assert draft.mapping.values["source_id"] == {"抖音": "7"}
    assert draft.connection_id == HERE.id


def test_columns_the_sheet_lacks_are_named_and_feed_nothing(store: Store) -> None:
    kept(store)
    draft, lacking = used(store, "手机号,姓名\n13012121212,王芳\n")
    assert lacking == ("备注", "来源")
    assert draft.mapping.columns == {"phone": "手机号", "name": "姓名"}
    assert [row.column for row in draft.component_rows] == [""]


def test_a_recipe_whose_connection_is_gone_changes_no_destination(store: Store) -> None:
    kept(store)
    draft = uploaded(store)
    draft.choose_connection("conn-1")
    draft.use_recipe(store.recipes.all()["门店回访"], ["conn-1"])
    assert draft.connection_id == "conn-1"


def test_no_recipe_is_taken_without_being_chosen(store: Store) -> None:
    kept(store)
    assert (
        "company"
        not in uploaded(store, "手机号,姓名,备注,来源,新列\n13012121212,王,乙,抖音,x\n").mapping.columns
    )


def test_a_recipe_is_replaced_by_one_of_the_same_name_and_can_be_deleted(store: Store) -> None:
    draft = kept(store, "a@b 100%")
    draft.keep_recipe(" a@b 100% ", HERE)
    draft.keep_recipe("甲", HERE)
    assert list(store.recipes.all()) == ["a@b 100%", "甲"]
    store.recipes.forget("a@b 100%")
    assert list(store.recipes.all()) == ["甲"]


def test_a_team_has_its_own_recipes(store: Store) -> None:
    recipe = {"mapping": {}, "components": [], "connection_id": "", "words_of": ""}
    store.recipes.keep("x", recipe, team="north")
    store.recipes.keep("x@north", recipe)
    assert list(store.recipes.all(team="north")) == ["x"]
    assert list(store.recipes.all()) == ["x@north"]
    assert store.recipes.all(team="south") == {}


@pytest.mark.parametrize(("name", "code"), [(" ", "recipe_unnamed"), ("打 13012121211", "recipe_number")])
def test_a_recipe_without_a_name_or_with_a_number_in_it_is_not_kept(
    store: Store, name: str, code: str
) -> None:
    with pytest.raises(Conflict) as refused:
        kept(store, name)
    assert refused.value.code == code
    assert store.recipes.all() == {}


def test_a_fixed_phone_number_is_kept_in_no_recipe(store: Store) -> None:
    draft = uploaded(store)
    draft.change_mapping(draft.mapping.with_constant("extra", "13012121219"))
    with pytest.raises(Conflict) as refused:
        draft.keep_recipe("甲", HERE)
    assert refused.value.code == "recipe_number"


def test_no_more_than_a_list_can_show_are_kept(store: Store) -> None:
    draft = uploaded(store)
    for number in range(MOST):
        draft.keep_recipe(f"方案 {number}", HERE)
    draft.keep_recipe("方案 0", HERE)
    with pytest.raises(Conflict) as refused:
        draft.keep_recipe("一个太多", HERE)
    assert (refused.value.code, refused.value.params) == ("recipe_many", {"most": MOST})
