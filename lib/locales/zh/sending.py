"""开始前的选择、以前发过的号码、勿拨名单、没提交的表格。"""

WORDS: dict[str, str | dict[str, str]] = {
    "start.title": "怎么开始",
    "start.all": "全部发送",
    "start.all_means": "一批接一批发完，中途可以暂停。",
    "start.batch": "先发一批，等我确认",
    "start.batch_means": "第一批有结果后自动暂停，您看过再继续。",
    "start.one": "先发 1 个号码，等我确认",
    "start.one_means": "只发一个号码试一试，有结果后自动暂停。",
    "run.why.first_batch": "最先发送的部分已经有结果，其余的在等您确认。",
    "first.accepted": "先发的 {count} 个号码，平台已接收。批次号：{batch}",
    "first.rejected": "先发的 {count} 个号码被平台拒绝，没有进入任务。请先看平台的答复，再决定要不要继续。",
    "first.open": "先发的 {count} 个号码结果未知，可能已经在任务里。程序正在到平台上核对，建议等核对清楚再继续。",
    "first.next": "其余的号码还没有发送。可以先到平台的任务里看看先发的号码对不对，没问题再继续；不想继续就点“停止”。",
    "first.go_on": "继续发送其余 {count} 个号码",
    "plan.doubtful": "最后 **{count}** 批放的是 **{rows}** 行存疑的号码（例如座机、境外号码），单独成批；平台如果拒收，不会连累前面的号码。",
}
