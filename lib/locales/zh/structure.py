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
    "structure.of_number": "第 {part} 个号码：{text}",
    "structure.split": "每个号码拆成一行（{count} 格）",
    "structure.split_help": "一格里有几个号码，就拆成几行，每个号码都会拨打；其他列照抄。拆出来的行号写作“12 (2)”，可以随时取消拆分。只想拨打第一个号码，请采用建议。",
    "structure.split_done": "{split} 格里有多个号码，已拆开：表格里的 {own} 行 + 拆出的 {made} 行 = 上面的总行数。",
    "structure.join": "取消拆分",
}
