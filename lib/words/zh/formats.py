"""各种文件格式的句子。"""

WORDS: dict[str, str | dict[str, str]] = {
    "note.counted_once": "读到 {count} 行，但没有第二种方法来核对行数。请看一眼总行数和最后一行对不对。",
}
