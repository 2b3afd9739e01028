"""A contact list with the faults of real ones, to try the app with; the mobile numbers are of the unused 154 range."""

from lib.words import Words

#: One line per spreadsheet row, cells parted by |; a cell that starts with # is a true number.
_ROWS = """\
2026 年秋季展会意向客户
客户姓名|联系电话|公司名称|性别|邮箱|客户编号|喜欢的颜色
陈思远|15400001000|晨光贸易有限公司|男||KH-1001|蓝色
林晓雨|15400001037|蓝海科技|女|contact02@example.com|KH-1002|红色
王建国|15400001074|恒信装饰工程|男|contact03@example.com|KH-1003|绿色
李雪梅|+86 154 0000 1211|南山咖啡馆|女||KH-1004|橙色
张志强|15400001148|四方物流|男|contact05@example.com|KH-1005|蓝色
刘婷婷|15400002185|启明教育|女|contact06@example.com|KH-1006|红色
赵文博|154-0000-1222|晨光贸易有限公司|男||KH-1007|绿色
黄丽华|15400002259|蓝海科技|女|contact08@example.com|KH-1008|橙色
周海涛|１５４００００１２３３|恒信装饰工程|男|contact09@example.com|KH-1009|蓝色
吴佳怡|15400002333|南山咖啡馆|女||KH-1010|红色
徐明轩|#15400001244|四方物流|男|contact11@example.com|KH-1011|绿色
孙晓燕|15400002407|启明教育|女|contact12@example.com|KH-1012|橙色
马俊杰|1.5400001255E+10|晨光贸易有限公司|男||KH-1013|蓝色
朱雅琴|15400002481|蓝海科技|女|contact14@example.com|KH-1014|红色
胡国庆|1.30E+10|恒信装饰工程|男|contact15@example.com|KH-1015|绿色
郭静怡|15400002555|南山咖啡馆|女||KH-1016|橙色
何志远|154 0000 1000|四方物流|男|contact17@example.com|KH-1017|蓝色
高美玲|15400002629|启明教育|女|contact18@example.com|KH-1018|红色
罗浩然|+86-154-0000-1037|晨光贸易有限公司|男||KH-1019|绿色
郑秀英|15400002703|蓝海科技|女|contact20@example.com|KH-1020|橙色
梁家辉|0755-00012345|恒信装饰工程|男|contact21@example.com|KH-1021|蓝色
谢雨桐|15400002777|南山咖啡馆|女||KH-1022|红色
宋立新|4000000123|四方物流|男|contact23@example.com|KH-1023|绿色
唐玉兰|15400002851|启明教育|女|contact24@example.com|KH-1024|橙色
许文静|15400001311/15400001322|晨光贸易有限公司|男||KH-1025|蓝色
韩冰|15400002925|蓝海科技|女|contact26@example.com|KH-1026|红色
邓子豪||恒信装饰工程|男|contact27@example.com|KH-1027|绿色
冯春梅|15400002999|南山咖啡馆|女||KH-1028|橙色
曹雨泽|1540000133|四方物流|男|contact29@example.com|KH-1029|蓝色
彭丽娟|15400003073|启明教育|女|contact30@example.com|KH-1030|红色

曾庆华|154000013444|晨光贸易有限公司|男||KH-1031|绿色
萧然|15400003147|蓝海科技|女|contact32@example.com|KH-1032|橙色
田野|15400003184|恒信装饰工程|先生|contact33@example.com|KH-1033|蓝色
董晓峰|15400003221|南山咖啡馆|女士||KH-1034|红色
袁梦|15400003258|四方物流|男|contact35@example.com|KH-1035|绿色
潘伟民|15400003295|启明教育|未填|contact36@example.com|KH-1036|橙色
于海燕|15400003332|晨光贸易有限公司|男||KH-1037|蓝色
蒋丽萍|15400003369|蓝海科技|女|zhou.example.com|KH-1038|红色
蔡俊|15400003406|恒信装饰工程|男|contact39@example.com|KH-1039|绿色
余声|15400003443|南山咖啡馆|女|无|KH-1040|橙色
杜鹃|15400003480|四方物流|男|contact41@example.com|KH-1041|蓝色
𠮷田健|15400003517|启明教育|女|contact42@example.com|KH-1042|红色
程远航|15400003554|晨光贸易有限公司|男||KH-1043|绿色
小鹿🦌|15400003591|蓝海科技|女|contact44@example.com|KH-1044|橙色
魏国强|15400003628|恒信装饰工程|男|contact45@example.com|KH-1045|蓝色
吕思颖|(86)15400001355|南山咖啡馆|女||KH-1046|红色
丁一鸣|15400003702|四方物流|男|contact47@example.com|KH-1047|绿色
任晓东|'15400001366|启明教育|女|contact48@example.com|KH-1048|橙色
沈佳宁|15400003776|晨光贸易有限公司|男||KH-1049|蓝色
姚远|姚远15400001377|蓝海科技|女|contact50@example.com|KH-1050|红色
卢雪峰|15400003850|恒信装饰工程|男|contact51@example.com|KH-1051|绿色
姜雨欣|15400001000|南山咖啡馆|女||KH-1052|橙色
崔志刚|15400003924|四方物流|男|contact53@example.com|KH-1053|蓝色
O'Brien & <Sons>|15400003961|启明教育|女|contact54@example.com|KH-1054|红色
谭晓明|15400003998|晨光贸易有限公司|男||KH-1055|绿色
陆子涵|15400004035|蓝海科技|女|contact56@example.com|KH-1056|橙色
汪洋|15400004072|恒信装饰工程|男|contact57@example.com|KH-1057|蓝色
范文芳|15400004109|南山咖啡馆|女||KH-1058|红色
合计||||||58
"""

WORDS: Words = {
    # the sample file and the template
    "samples.example_value": "示例",
    "samples.note_own_component": "公海组件。平台的规则：{rules}。",
    "samples.rows": _ROWS,
    "samples.file_name": "示例名单.xlsx",
    "samples.sheet": "客户名单",
    "samples.template_sheet": "联系人",
    "samples.example_name": "张伟（示例，请删除这一行）",
    "samples.male": "男",
    "samples.female": "女",
    "samples.unknown": "未知",
    "samples.required": "必填",
    "samples.optional": "选填",
    "samples.note_component": "需要时可以自己加列，列名随意，上传后在对应字段那一步填写组件 ID。",
    "samples.note_example": "第 2 行是示例，填写前请删除，否则会当作联系人提交。",
    "samples.note_text": "所有列都已设为文本格式，号码不会变成科学计数法；从别处粘贴时请选择只粘贴值。",
}
