"""登录、人员、角色、谁做了什么。"""

from lib.words import Words

WORDS: Words = {
    # 登录
    "sign_in.do": "登录",
    "sign_in.with": "用 {provider} 登录",
    "sign_in.out": "退出登录",
    "sign_in.other": "退出，换一个账号",
    "sign_in.team": "团队：{team}",
    "sign_in.as": "当前账号：{who}",
    "sign_in.subject": "账号标识（管理员需要时，请把这一行发给他）：{subject}",
    # 角色
    "role.operator": "操作员",
    "role.viewer": "查看者",
    "role.viewer_means": "您是查看者：可以看提交和记录，下载号码打码的表格；不能修改、发送或删除。需要操作时请联系管理员。",
    # 为什么被拒绝
    "refused.email_missing": "账号没有邮箱",
    "refused.email_unverified": "邮箱没有验证",
    "refused.not_listed": "不在人员名单上",
    # 是谁做的
    "who.person": "本机用户",
    "who.sender": "程序",
    "who.other_team": "别的团队",
    # 谁做了什么
    "journal.means": "登录、连接、令牌、设置和名单的改动，最新的在最上面。每次提交里谁做了什么，在“记录”里那次提交的页面上。",
    "journal.empty": "还没有这样的改动。",
    "journal.join": "、",
    # 做了什么
    "deed.signed_in": "登录",
    "deed.signed_out": "退出登录",
    "deed.refused": "想进入，被拒绝：{why}",
    "deed.connection_created": "新建连接“{name}”",
    "deed.connection_changed": "修改连接“{name}”：{fields}",
    "deed.connection_deleted": "删除连接“{name}”",
    "deed.token_typed": "填写了连接“{name}”的令牌",
    "deed.token_forgotten": "删除了连接“{name}”的令牌",
    "deed.setting_changed": "修改设置“{name}”：{before} → {after}",
    "deed.do_not_call_added": "把 {count} 个号码加入勿拨名单（{source}）",
    "deed.do_not_call_removed": "从勿拨名单去掉 {count} 个号码",
    "deed.do_not_call_cleared": "清空勿拨名单，去掉 {count} 个号码",
    "deed.draft_deleted": "删除未提交的表格“{name}”",
    "deed.restored_read": "已知悉：数据库比实际发送的旧",
    "deed.task_paused": "在平台上暂停任务“{name}”",
    # 改过的设置的名称
    "setting.concurrency": "同时发送的批数",
    "setting.requests_per_second": "每秒最多发送",
    "setting.answer_seconds": "最多等平台答复多少秒",
    "setting.least_imported": "导入的少于多少时暂停（%）",
    "setting.recent_days": "多少天以内算近期",
    "setting.keep_days": "号码和表格保留的天数",
    "setting.fingerprint_days": "号码指纹保留的天数",
    "setting.none": "不限",
}
