"""The catalogue of the API's row fields: data, no logic. A field here is known on every page; it is sent by its
place in `lib.payload.ROW_KEYS`, proposed for a column by `lib.mapping.suggestion`, taken by the practice platform by its name in
`lib.sandbox.contract`, and called by `field.<name>` in lib/words.

Source of names, types and requiredness: the manual's page of `async_number` (lib/platform/README.md, "The manual").
No length limit is documented; `sane_length` is ours and only ever warns.
"""

from dataclasses import dataclass
from enum import StrEnum

#: Marks a contacts column that carries a component: `component:<component id>`.
COMPONENT_PREFIX = "component:"

#: Characters after which a text is held back instead of warned about.
TEXT_LIMIT = 2_000

#: Characters after which the value of a component is warned about.
COMPONENT_SANE_LENGTH = 500


class Kind(StrEnum):
    """What a value has to be to be sent."""

    PHONE = "phone"
    TEXT = "text"
    EMAIL = "email"
    INTEGER = "integer"
    SEX = "sex"


@dataclass(frozen=True)
class Field:
    """One field of a row of `data`.

    default: sent where the sheet has nothing. aliases: header texts that mean this field, compared by `lib.contact.header_names.header_key`; the words
    that other headers are made of are in `lib.mapping.header_words`.
    """

    name: str
    kind: Kind
    aliases: tuple[str, ...]
    example: str
    required: bool = False
    default: str = ""
    sane_length: int = 100


FIELDS: tuple[Field, ...] = (
    Field(
        "phone",
        Kind.PHONE,
        (
            "手机号",
            "手机号码",
            "手机",
            "电话",
            "电话号码",
            "联系电话",
            "联系方式",
            "移动电话",
            "手机电话",
            "号码",
            "客户电话",
            "客户手机",
            "客户手机号",
            "联系人电话",
            "联系人手机",
            "联系手机",
            "被叫号码",
            "本人电话",
            "tel",
            "phone",
            "phonenumber",
            "phoneno",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "mobileno",
            "cell",
            "cellphone",
            "telephone",
            "contactnumber",
            "contactphone",
            "callee",
        ),
        "13012121211",
        required=True,
        sane_length=32,
    ),
    Field(
        "name",
        Kind.TEXT,
        (
            "姓名",
            "名字",
            "名称",
            "联系人",
            "联系人姓名",
            "客户姓名",
            "客户名称",
            "客户",
            "称呼",
            "收件人",
            "用户名",
            "用户姓名",
            "name",
            "fullname",
            "contact",
            "contactname",
            "customer",
            "customername",
            "client",
            "clientname",
        ),
        "张伟",
        sane_length=64,
    ),
    Field(
        "company",
        Kind.TEXT,
        (
            "公司",
            "公司名",
            "公司名称",
            "单位",
            "单位名称",
            "企业",
            "企业名称",
            "工作单位",
            "所在公司",
            "机构",
            "company",
            "companyname",
            "organization",
            "organisation",
            "employer",
            "firm",
        ),
        "晨光贸易有限公司",
        sane_length=128,
    ),
    Field(
        "email",
        Kind.EMAIL,
        ("邮箱", "邮件", "电子邮箱", "电子邮件", "邮箱地址", "email", "emailaddress", "mail", "e-mail"),
        "zhangwei@example.com",
        sane_length=254,
    ),
    Field(
        "sex",
        Kind.SEX,
        ("性别", "先生女士", "sex", "gender"),
        "1",
        sane_length=16,
    ),
    Field(
        "control_select_robot",
        Kind.TEXT,
        (
            "话术变量",
            "话术组变量",
            "话术选择",
            "话术",
            "ai话术",
            "controlselectrobot",
            "selectrobot",
            "robot",
            "scriptkey",
        ),
        "男",
        sane_length=64,
    ),
    Field(
        "extra",
        Kind.TEXT,
        (
            "外部编号",
            "自定义标识",
            "客户编号",
            "客户id",
            "编号",
            "外部id",
            "透传",
            "扩展",
            "extra",
            "externalid",
            "customerid",
            "contactid",
            "uuid",
            "crmid",
        ),
        "0c51fc89-f6cf-405b-bb36-2c06900c3b5e",
        sane_length=255,
    ),
    Field(
        "sort",
        Kind.INTEGER,
        ("排序", "优先级", "顺序", "sort", "order", "priority"),
        "0",
        default="0",
        sane_length=9,
    ),
    Field(
        "source_id",
        Kind.INTEGER,
        ("来源", "信息来源", "客户来源", "来源id", "信息来源id", "sourceid", "source"),
        "1",
        sane_length=9,
    ),
    Field(
        "industry_id",
        Kind.INTEGER,
        ("行业", "行业id", "所属行业", "客户行业", "industryid", "industry"),
        "2",
        sane_length=9,
    ),
    Field(
        "grade_id",
        Kind.INTEGER,
        ("客户等级", "等级", "等级id", "客户等级id", "客户级别", "级别", "gradeid", "grade", "level"),
        "1",
        sane_length=9,
    ),
)

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}

#: What `sex` means on the wire (API page): 0 unknown, 1 male, 2 female.
SEX_VALUES = ("0", "1", "2")

#: Ways people write `sex`, lower case, without spaces; a person may add to them in the mapping.
SEX_WORDS: dict[str, str] = {
    **dict.fromkeys(("男", "男性", "男士", "先生", "m", "male", "man", "mr", "mr.", "boy", "1"), "1"),
    **dict.fromkeys(
        (
            "女",
            "女性",
            "女士",
            "小姐",
            "太太",
            "f",
            "female",
            "woman",
            "ms",
            "ms.",
            "mrs",
            "mrs.",
            "miss",
            "girl",
            "2",
        ),
        "2",
    ),
    **dict.fromkeys(
        ("未知", "不详", "保密", "其他", "unknown", "u", "other", "n/a", "na", "none", "-", "0"), "0"
    ),
}


def component_column(component_id: str) -> str:
    """Name of the contacts column that carries the values of this component."""
    return COMPONENT_PREFIX + component_id


def component_id(column: str) -> str | None:
    """Component id of a contacts column, None for a column that carries a field."""
    return column.removeprefix(COMPONENT_PREFIX) if column.startswith(COMPONENT_PREFIX) else None
