"""Every sentence exists in both languages, is used, and asks for the same parameters."""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from lib import words as i18n
from lib.contact.problems import Change, ProblemCode
from lib.words import LANGUAGES, Words, closest_language, t, words

ROOT = Path(__file__).resolve().parents[3]


def _forms(entry: str | dict[str, str]) -> list[str]:
    return list(entry.values()) if isinstance(entry, dict) else [entry]


def _params(entry: str | dict[str, str]) -> set[str]:
    return {name for form in _forms(entry) for _, name, _, _ in Formatter().parse(form) if name}


def _sources() -> str:
    files = [*(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.parent.name not in LANGUAGES)


def _keys_in_code() -> tuple[set[str], list[re.Pattern[str]]]:
    """Keys written out in t("…"), and patterns of those built in t(f"…{x}…")."""
    literal: set[str] = set()
    built: list[re.Pattern[str]] = []
    for path in [*(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literal.add(node.value)
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in node.values]
                built.append(re.compile("".join(map(str, parts))))
    return literal, built


def test_both_languages_have_the_same_sentences() -> None:
    zh, en = words("zh"), words("en")
    assert zh.keys() ^ en.keys() == set()


def test_each_prefix_stands_in_one_file_the_same_in_both_languages() -> None:
    """So that a key tells where its sentence is; a prefix is what stands before the first dot."""
    files: defaultdict[str, set[str]] = defaultdict(set)
    for lang in LANGUAGES:
        package = importlib.import_module(f"lib.words.{lang}")
        for info in pkgutil.iter_modules(package.__path__):
            for key in importlib.import_module(f"{package.__name__}.{info.name}").WORDS:
                files[key.split(".", 1)[0]].add(info.name)
    assert {prefix: names for prefix, names in files.items() if len(names) > 1} == {}


def test_both_languages_ask_for_the_same_parameters() -> None:
    zh, en = words("zh"), words("en")
    assert {key for key in zh if _params(zh[key]) != _params(en[key])} == set()


def test_no_sentence_is_the_same_in_both_languages_by_mistake() -> None:
    zh, en = words("zh"), words("en")
    same = {key for key in zh if zh[key] == en[key]}
    assert {key for key in same if re.search(r"\w", re.sub(r"{.*?}", "", "".join(_forms(zh[key]))))} == set()


def test_chinese_sentences_hold_chinese() -> None:
    bare = {key for key, entry in words("zh").items() if not re.search(r"[一-鿿]", "".join(_forms(entry)))}
    with_letters = {
        key for key in bare if re.search(r"[A-Za-z]", re.sub(r"{.*?}", "", "".join(_forms(words("zh")[key]))))
    }
    assert with_letters == set()


#: Sentences for whoever runs the server, where its settings are named as they are spelled: how their keys begin.
FOR_ADMINISTRATORS = ("check.", "error.server_address")

#: Spellings that lost to another word for the same idea, the word that is used, and how the keys begin where the spelling
#: means something else.
OTHER_WORDS: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {
    "zh": [
        ("本应用|上传台", "本程序", ("app.name", "page.overview.title")),
        ("账号", "账户；登录用的才是账号", ("sign_in.", "refused.", "error.signed_out", "error.email_")),
        ("(?<!macOS )钥匙串", "系统密码库", ()),
        ("草稿", "未提交的表格", ()),
        ("没提交的表格", "未提交的表格", ()),
        ("拒收", "拒绝", ()),
        ("遮住|号码被隐藏", "打码", ()),
        ("维护人员|技术支持", "技术人员", ()),
        ("请求内容", "发送内容", ()),
        ("演练环境", "演练平台", ()),
        ("磁盘", "硬盘", ()),
        ("人工剔除", "选择不提交", ()),
        ("你", "您", ()),
    ],
    "en": [
        ("[Tt]his program|[Tt]he program", "the app", ()),
        ("e-mail", "email", ()),
        ("CRM pool|CRM component", "customer pool, pool component", ()),
        ("proposal", "suggestion", ()),
        ("keyring", "password store", ()),
        (r"(?<![\w{-])ids?(?![\w}-])", "ID", ()),
        ("[Rr]ejected", "refused", ()),
        ("engineer", "technician", ()),
        ("’", "'", ()),
    ],
}


def _sentences(lang: str, *, besides: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Key and sentence, without the names of parameters in it. `samples.rows` is a sheet as customers write it."""
    for key, entry in words(lang).items():
        if not key.startswith((*besides, "samples.rows")):
            yield from ((key, re.sub(r"{\w*}", "{}", form)) for form in _forms(entry))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_idea_has_one_word(lang: str) -> None:
    told = [
        (key, f"say {word}")
        for key, sentence in _sentences(lang, besides=FOR_ADMINISTRATORS)
        for spelling, word, allowed in OTHER_WORDS[lang]
        if not key.startswith(allowed) and re.search(spelling, sentence)
    ]
    assert told == []


def test_chinese_is_set_with_its_own_punctuation_and_a_space_beside_latin_letters_and_digits() -> None:
    han = "\u4e00-\u9fff"
    wrong = rf"[{han}][,:;?!()\"']|[,;?!()\"'][{han}]|[{han}][A-Za-z0-9]|[A-Za-z0-9%][{han}]|[{han}] [{han}]|\.\.\.(?!\*\*)"
    assert [
        (key, sentence)
        for key, sentence in _sentences("zh", besides=FOR_ADMINISTRATORS)
        if re.search(wrong, sentence)
    ] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_speaks_as_a_programmer_does(lang: str) -> None:
    jargon = r"\b(JSON|XML|HTTP|[Pp]ayload|null|[Ee]xception|[Ii]nvalid|[Ii]llegal|[Ff]atal|timeout|[Rr]equest body|[45]\d\d error)\b|异常抛出|非法|报错"
    assert [
        (key, said) for key, said in _sentences(lang, besides=FOR_ADMINISTRATORS) if re.search(jargon, said)
    ] == []


@pytest.mark.parametrize("code", ProblemCode)
def test_every_problem_has_its_sentences(code: ProblemCode) -> None:
    for lang in LANGUAGES:
        assert {f"problem.{code}", f"problem.{code}.fix", f"problem.{code}.name"} <= words(lang).keys()


@pytest.mark.parametrize("kind", Change)
def test_every_kind_of_cleaning_has_its_words(kind: Change) -> None:
    assert all(f"change.{kind}" in words(lang) for lang in LANGUAGES)


def test_every_key_written_in_the_code_exists() -> None:
    asked = set(re.findall(r"\bt\(\s*\"([^\"{]+)\"", _sources()))
    assert {key for key in asked if not key.endswith(".")} - words("zh").keys() == set()


def test_every_error_code_has_a_sentence() -> None:
    raised = set(
        re.findall(
            r"(?:Refused|NotSent|Unauthorised|Throttled|OutcomeUnknown|Unavailable|Conflict|NotAdmitted|NotAllowed|Forbidden)\(\s*\"(\w+)\"",
            _sources(),
        )
    )
    assert raised
    assert {code for code in raised if f"error.{code}" not in words("zh")} == set()


def test_no_sentence_is_unused() -> None:
    literal, built = _keys_in_code()
    unused = {
        key
        for key in words("zh")
        if key not in literal and not any(p.fullmatch(key) for p in built if p.pattern != ".+")
    }
    codes = literal  # keys built as "error." + code: the code itself stands in the code
    assert {key for key in unused if key.split(".", 1)[-1] not in codes} == set()


def test_english_plurals_follow_the_count() -> None:
    assert t("plan.submit", "en", count=1) == "Submit 1 number"
    assert t("plan.submit", "en", count=31112) == "Submit 31,112 numbers"
    assert t("plan.submit", "zh", count=31112) == "提交 31,112 个号码"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_row_is_named_as_the_spreadsheet_names_it(lang: str):
    told = t("note.hidden_rows", lang, count=31112, row=12345)
    assert "31,112" in told
    assert "12345" in told


def test_a_missing_key_is_loud() -> None:
    with pytest.raises(KeyError):
        t("no.such.key", "zh")


def test_a_key_written_twice_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    class Twice:
        WORDS: Words = {"page.overview": "x"}

    real = i18n.importlib.import_module
    monkeypatch.setattr(
        i18n.importlib, "import_module", lambda name: Twice if name.endswith("zh.mapping") else real(name)
    )
    with pytest.raises(KeyError, match="written twice"):
        words.__wrapped__("zh")


@pytest.mark.parametrize(
    ("browser", "expected"), [("zh-CN", "zh"), ("zh", "zh"), ("en-GB", "en"), ("de", "en"), (None, "zh")]
)
def test_the_first_language_comes_from_the_browser(browser: str | None, expected: str) -> None:
    assert closest_language(browser) == expected
