"""A set-up kept under a name, chosen for the next sheet."""

from streamlit.testing.v1 import AppTest

from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import visit
from tests.ui.steps import CSV, button, draft_of, texts, upload

NAME = "门店回访"


def keep(app: AppTest, name: str) -> None:
    next(box for box in app.text_input if box.label == t("recipe.name", "zh")).input(name).run()
    button(app, t("recipe.keep", "zh")).click().run()


def test_a_recipe_kept_on_the_columns_is_chosen_right_after_the_next_upload(
    app: AppTest, desk: Services
) -> None:
    upload(app)
    assert t("recipe.use", "zh") not in {one.label for one in app.button}, "there is none yet"
    visit(app, "mapping")
    draft = draft_of(desk)
    draft.change_mapping(draft.mapping.with_column("company", "性别"))
    visit(app, "mapping")
    keep(app, NAME)
    assert t("recipe.kept", "zh", name=NAME) in texts(app)
    desk.store.drafts.delete(str(draft_of(desk).id))
    upload(app, CSV.replace("性别", "性别2").replace("张伟", "周杰"))
    button(app, t("recipe.use", "zh")).click().run()
    assert not app.exception
    shown = texts(app)
    assert t("recipe.used", "zh", name=NAME, destination=t("practice.name", "zh")) in shown
    assert t("recipe.lacking", "zh", columns="性别") in shown
    assert draft_of(desk).mapping.sureness["name"] == "remembered"
    app.run()
    assert t("recipe.lacking", "zh", columns="性别") not in texts(app), "said once"
    button(app, t("recipe.forget", "zh")).click().run()
    assert desk.store.recipes.all() == {}


def test_a_recipe_without_a_name_is_refused_where_it_was_pressed(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "mapping")
    button(app, t("recipe.keep", "zh")).click().run()
    assert [one.value for one in app.error] == [t("error.recipe_unnamed", "zh")]
    assert desk.store.recipes.all() == {}
