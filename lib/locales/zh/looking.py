"""查看平台号码列表方面的文字：再次发送之前、提交之前、结束之后。"""

WORDS: dict[str, str | dict[str, str]] = {
    "scan.list_missing": "平台没有提供这个号码列表，或者不让这个账号查看，查不成。",
    "event.batch_looked_first": "再次发送一批之前查过平台的号码列表，里面没有这一批",
    "event.batch_not_looked": "平台的号码列表查不成，一批未经核对就再次发送",
    "error.found_first": "平台上次答复说没有处理这一批。再次发送之前先查了平台的号码列表，这一批的号码已经在里面，所以没有再发。",
    "error.refused_repeated": "平台以号码重复为由没有收这一批，但这些号码可能就是我们先前发到的。正在查平台的号码列表，查清之前不会再发。",
    "preflight.looking": "正在查看平台任务里已有的号码……",
    "preflight.found": "要提交的号码里有 {count} 个已经在这个任务里，可能是同事或别的工具导入的。再次提交可能让这些人接到两次电话。请先决定：不发这些号码，还是照样提交。",
    "preflight.examples": "例如：{list}",
    "preflight.example": "第 {row} 行 {phone}",
    "preflight.comma": "、",
    "preflight.leave_out": "不发这 {count} 个号码",
    "preflight.send_anyway": "照样提交这 {count} 个号码",
    "preflight.clear": "已查看平台任务里现有的 {count} 个号码，要提交的号码都不在其中。",
    "preflight.not_looked": "没能查全平台任务里已有的号码，所以不知道要提交的号码是否已有人导入过。可以照常提交。",
    "preflight.again": "再查一次",
    "error.look_first": "平台上次没有处理这一批。再次发送之前要先查平台的号码列表，列表暂时查不完，稍后会自动再查。",
}
