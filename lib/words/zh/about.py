"""“关于”页的句子。"""

WORDS: dict[str, str | dict[str, str]] = {
    "page.about": "关于",
    "page.about.title": "关于本程序",
    "about.checks": "自检",
    "about.all_well": "一切正常。",
    "about.fine": "{count} 项检查正常",
    "about.data": "资料放在哪里",
    "about.data_server": "上传的表格和提交记录都在这个数据库里，由团队的各台电脑共用。除了它和您在“连接”里填写的平台，本程序不联系任何地方。",
    "about.data_means": "上传的表格和提交记录都只在这台电脑的这个文件夹里。除了您在“连接”里填写的平台，本程序不联系任何地方。",
    "about.versions": "版本",
    "about.part": "开源组件",
    "about.version": "版本号",
    "about.licence": "许可证",
    "about.licences": "{count} 个开源组件的许可证",
    "about.licences_means": "本程序使用的开源组件及其许可证，由组件自己声明。",
    "about.support": "请技术人员帮忙",
    "about.support_means": "需要帮忙时，把下面的诊断信息发给技术人员。里面只有版本、自检结果、各种状态的数量和最近的程序日志，没有令牌、号码、姓名、邮箱和文件名，编号只留前 8 位。发送前请自己看一眼。",
    "about.download": "下载诊断信息",
    "about.download_name": "诊断信息.txt",
    "about.look": "先看看里面有什么",
}
