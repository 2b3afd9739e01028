"""How much a text looks like a list of people in some language: what tells encodings apart that all accept the same bytes.

Two shares of the characters beyond ASCII, equally weighed: those in everyday use at all, and those that lists of
contacts are full of (surnames, given names, towns, words of headers and firms). The first alone cannot tell Korean from
Chinese, since KS X 1001 and GB2312 keep their everyday characters in the same rows; the second alone misses rare names.
A damaged character counts against a reading `_DAMAGE` times.
"""

import re
from collections import Counter
from functools import cache

#: A reading below this is not taken before a person has looked at it.
LIKELY = 0.45

_DAMAGE = 2

_PUNCTUATION = frozenset(
    "，。、；：？！“”‘’（）【】《》—…·￥€　－～" + "".join(map(chr, range(0xFF10, 0xFF5B)))
)

_CHINESE = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾"
    "侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玉华建国海志小大中新东北南西上下天地山水云春秋冬雪梅花子一二三四五六七八九十"
    "姓名手机号码电话联系人客户公司企业单位名称地址备注性别男女邮箱编号日期来源行业等级职务部门区域省市县镇路街科技有限责任集团股份贸易商实业投资发展工程建筑服务中心学校医院"
    "银行酒店工厂制造电子信息网络化工食品药材汽车物流房产教育文化传媒京津沪广州深圳杭苏宁成都重庆武汉安长沙青岛大连门福厦济合肥昆明贵阳石家庄是的不有在这个我们来到时为和要出会可"
    "鑫宇浩博晨阳婷慧琳颖佳欣怡雨思梦涵轩梓俊辉斌鹏飞凯龙波峰宏光永生先士总经理员时间状态类型订单金额数量身份证微信本人序无已未请好美爱家庭年月日分店产品用户区室栋"
    "張劉陳楊趙黃吳孫馬羅鄭謝韓馮許鄧蕭呂蘇盧蔣賈葉閻余鍾譚鄒陸顧孟龍萬錢湯賴龔偉麗強軍艷傑濤蘭剛紅華建國東雲電話號碼聯絡聯繫戶業稱註備編職務區縣鎮責團貿資發築學銀廠製網藥車"
    "產傳廣漢門貴陽臺灣灣蔡鳳雯淑惠宗翰雅婷怡君豪賢德義榮財興隆盛源順昌信達利寶貝機類訂單數額證實經員間態請愛慶濟"
)
_JAPANESE = frozenset(
    "佐藤鈴木高橋田中渡辺伊山本村小林加吉山口松井上清水斎阿部森池橋石川前岡長谷後近遠坂青福西三原金中野太郎子一二三美香恵真由紀優花愛菜結翔大輔健誠直樹浩和彦雄隆之介"
    "株式会社東京大阪名古屋横浜商事産業工業電話番号氏名住所備考顧客担当者様株有限都道府県市区町丁目店部課長携帯会員男女性別年月日"
)
_KOREAN = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지나엄채원천방공현함변염여추도소석선설마길연위표명기반라왕금옥육인맹제모탁국은영수준호"
    "동상철경미숙희혜순자재훈규태용석은주예빈다솔아람보라슬윤시름이름전화번호휴대폰핸드회사주식고객연락처메일비고소부산서울대구광인천대리과장사원팀점담당자년월일여의로가에을를"
)
_USUAL: dict[str, frozenset[str]] = {
    "gb18030": _CHINESE,
    "big5": _CHINESE,
    "utf-8": _CHINESE | _JAPANESE | _KOREAN,
    "shift_jis": _JAPANESE,
    "euc-kr": _KOREAN,
}

#: First bytes of the rows in which the national standards keep their everyday characters.
_EVERYDAY: dict[str, tuple[tuple[str, int, int], ...]] = {
    "gb18030": (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)),
    "big5": (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)),
    "utf-8": (
        ("gb2312", 0xB0, 0xD7),
        ("big5", 0xA4, 0xC6),
        ("shift_jis", 0x88, 0x97),
        ("euc-kr", 0xB0, 0xC8),
    ),
    "shift_jis": (("shift_jis", 0x88, 0x97),),
    "euc-kr": (("euc-kr", 0xB0, 0xC8),),
}

_WIDE_KANA = ("\u3041", "\u30fe")
_NARROW_KANA = ("\uff61", "\uff9f")

#: A letter of Western Europe stands by itself among letters of ASCII; the bytes of Asian characters come in rows.
_WESTERN = re.compile(
    r"(?<![^\x00-\x7f])(?:(?<=[A-Za-z'’-])[À-ÖØ-öø-ÿŒœŠšŽžŸ]|[À-ÖØ-öø-ÿŒœŠšŽžŸ](?=[A-Za-z'’-])|[“”‘’–—…€°·«»¡¿´ºª])(?![^\x00-\x7f])"
)


def likeness(text: str, encoding: str) -> float:
    """From 0 to 1, 1 where there is nothing beyond ASCII. encoding: of `lib.workbook.encoding`; it says whose language to expect."""
    beyond = Counter(text)
    for char in [char for char in beyond if char <= "\x7f"]:
        del beyond[char]
    total = beyond.total()
    if not total:
        return 1.0
    total += (_DAMAGE - 1) * beyond["\ufffd"]
    if encoding == "windows-1252":
        return len(_WESTERN.findall(text)) / total
    if encoding == "shift_jis":
        narrow = sum(beyond[char] for char in beyond if _NARROW_KANA[0] <= char <= _NARROW_KANA[1])
        if 2 * narrow > total:
            return 0.0  # any text whatever reads as half-width kana
        total -= narrow
    everyday = sum(count for char, count in beyond.items() if _is_everyday(char, encoding))
    usual = sum(count for char, count in beyond.items() if _is_usual(char, encoding))
    western = len(_WESTERN.findall(text)) if encoding == "utf-8" else 0
    return (min(everyday + western, total) + min(usual + western, total)) / 2 / total


@cache
def _is_everyday(char: str, encoding: str) -> bool:
    if char in _PUNCTUATION:
        return True
    if encoding in ("shift_jis", "utf-8") and _WIDE_KANA[0] <= char <= _WIDE_KANA[1]:
        return True
    for name, first, last in _EVERYDAY[encoding]:
        try:
            if first <= char.encode(name)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False


def _is_usual(char: str, encoding: str) -> bool:
    if char in _PUNCTUATION or char in _USUAL[encoding]:
        return True
    return encoding in ("shift_jis", "utf-8") and _WIDE_KANA[0] <= char <= _WIDE_KANA[1]
