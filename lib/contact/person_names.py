"""What Chinese people are called: a family name and one to three characters, or a form of address behind it."""

import re

#: The commonest family names; a column of short texts that begin with them holds names of people.
FAMILY_NAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺"
    "顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆"
    "张劉陳楊黃趙吳孫馬鄭謝許韓馮鄧蕭葉蘇呂盧鐘譚陸範賈韋鄒閻龍賀顧龔邵萬錢嚴湯溫齊喬龐顏莊聶魯歐關蘭寧紀凌畢單"
)

_HAN_NAME = re.compile(r"[㐀-鿿]{2,4}|[㐀-鿿]{1,8}·[㐀-鿿]{1,8}|[㐀-鿿][*＊某○xX]{1,3}[㐀-鿿]?")
_CALLED = re.compile(r"[㐀-鿿]{1,2}(?:先生|女士|小姐|太太|总|老师|姐|哥|叔|阿姨|经理|医生|同学)")


def is_chinese_name(text: str) -> bool:
    """Whether a text may be somebody's name: 张伟, 欧阳娜娜, 买买提·艾力, 王*."""
    return bool(_HAN_NAME.fullmatch(text)) and (text[0] in FAMILY_NAMES or "·" in text)


def is_called(text: str) -> bool:
    """Whether it calls somebody by the family name: 张先生, 李总."""
    return bool(_CALLED.fullmatch(text)) and text[0] in FAMILY_NAMES
