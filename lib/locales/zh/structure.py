"""文件的结构：哪些行和列要读，表头在哪里。"""

WORDS: dict[str, str | dict[str, str]] = {
    "structure.choose": "这些要不要？",
    "structure.keeps_work": "改选不会影响已对应的列和已改好的内容。",
    "structure.in": "读入",
    "structure.out": "不读",
    "structure.header": "表头",
    "structure.header_help": "列名在表格的哪一行。选“没有表头”时，第一行就当作数据，列名用字母表示。",
    "structure.header_none": "没有表头，第一行就是数据",
    "structure.header_row": "第 {row} 行：{text}",
    "structure.header_two": "表头占两行：和上一行合起来",
    "structure.header_at_two": "表头在第 {first}–{last} 行",
}
