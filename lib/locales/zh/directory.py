"""平台自己的名字：任务、公海组件、令牌有效期。"""

WORDS: dict[str, str | dict[str, str]] = {
    "error.answer_unreadable": "平台有答复，但里面找不到要查的内容。不影响提交，请改为手工填写；需要时把平台的原文发给平台客服。",
}
