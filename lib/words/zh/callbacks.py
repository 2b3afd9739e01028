"""平台的回调：收到多少、说了什么。"""

WORDS: dict[str, str | dict[str, str]] = {
    "callbacks.none": "平台回调：接收已开启，还没有收到过。到达情况照常自动查询。",
    "callbacks.line": "平台回调：{parts}。回调只当提醒，以查询结果为准。",
    "callbacks.received": "收到 {count} 次，最近 {when}",
    "callbacks.strange": "，{count} 次与这里的批次无关",
    "callbacks.unread": "，{count} 次内容太大或来得太密，没有看",
    "callbacks.raw": "平台回调的原文（{count} 批）",
    "callbacks.raw_strange": "不认识的回调原文（{count} 种）",
    "callbacks.raw_means": "号码和密钥已打码。这些内容不作数，只供技术人员查看。",
    "callbacks.head": "{who} · 收到 {count} 次 · 最近 {when}",
    "callbacks.nameless": "没有批次号",
    "error.callback_key_weak": "回调接收没有开启：管理员设置的密钥太容易猜。请改用至少 {count} 个字母、数字、“-”或“_”，或者写 make 由程序生成，再重新启动。",
    "error.callback_key_file": "回调接收没有开启：数据文件夹里的密钥文件 {file} 无法读写。请检查文件夹的权限，再重新启动。",
}
