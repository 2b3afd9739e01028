"""演练平台才有的：场景、账本、重新开始。"""

from lib.words import Words

WORDS: Words = {
    # 场景：让演练平台出一种情况，看程序怎么应对
    "scenario.title": "演练场景：{name}",
    "scenario.means": "让演练平台故意出一种情况，看程序怎么应对。只在演练平台上有效，真实的连接没有这一项。",
    "scenario.which": "场景",
    "scenario.own": "自行设置的开关",
    "scenario.reach": "用于",
    "scenario.once": "下一批",
    "scenario.until": "每一批，直到改选",
    "scenario.watch": "看什么：{watch}",
    "scenario.normal": "一切正常",
    "scenario.normal_watch": "每一批马上得到批次号。",
    "scenario.slow": "答复很慢",
    "scenario.slow_watch": "进度下面写着已经等了多少秒；等到了照样算成功，不会再发一次。",
    "scenario.silent": "一直没有答复",
    "scenario.silent_watch": "号码已经收下，但没有答复。等到“发送速度”里的时限（最短 10 秒，可先改短），这一批变成“结果未知”，然后程序自己去平台核对。",
    "scenario.lost": "收下了，答复丢了",
    "scenario.lost_watch": "这一批变成“结果未知”，不会自动再发；程序去任务里核对，找到号码后改成“已接受”。",
    "scenario.dropped": "连接中断，没有收下",
    "scenario.dropped_watch": "和上一种看起来一样，也是“结果未知”；核对后发现号码不在，等您决定是否再发。",
    "scenario.gateway": "网关的错误页面",
    "scenario.gateway_watch": "答复是网关的页面，其实平台已经收下。程序不相信页面上的话，核对以后才算数。",
    "scenario.repeated": "号码重复，整批被拒绝",
    "scenario.repeated_watch": "有一个号码刚被别人导入了任务，平台因此拒绝整批。到被拒绝的说明下面分成两半再提交，就能找出是哪一个。",
    "scenario.task_running": "任务运行中（6007）",
    "scenario.task_running_watch": "平台什么也没收，提交自动暂停，并写着该怎么做；改选“一切正常”后点“继续发送”。",
    "scenario.token_refused": "令牌被拒绝",
    "scenario.token_refused_watch": "只发一次就停下，不会拿错的令牌反复试；改选“一切正常”后点“继续发送”。",
    "scenario.throttled": "请求太频繁",
    "scenario.throttled_watch": "程序按平台说的秒数停一下再发；连续几次都这样，就暂停等您。",
    "scenario.no_lookups": "平台不提供查询",
    "scenario.no_lookups_watch": "号码照样收下，但任务里的号码、导入结果都查不到，程序如实写“没能查到”，不会猜。",
    "scenario.half": "一半号码没有导入",
    "scenario.half_watch": "批次照样得到批次号，过一会儿“到达情况”里写着少了一半，并列出是哪些行。",
}
