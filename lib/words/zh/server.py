"""多台机器共用一个 PostgreSQL 数据库时的文字。"""

WORDS: dict[str, str | dict[str, str]] = {
    "error.server_gone": "现在连不上数据库服务器，这一步没有保存，也不会再发出任何号码。请稍等片刻再试；一直如此，请管理员检查服务器、网络和 DATABASE_URL 里的地址。",
    "error.server_login": "数据库服务器不接受 DATABASE_URL 里的用户名或密码，所以没有打开。请管理员核对后重新启动程序。",
    "error.server_database": "数据库服务器上没有 DATABASE_URL 里写的那个数据库。请管理员先建好它，或者改正名字，再重新启动程序。",
    "error.server_read_only": "数据库服务器现在只能读不能写（可能连到了备用服务器），这一步没有保存。请管理员检查 DATABASE_URL 指向的是不是主服务器。",
    "error.server_rights": "DATABASE_URL 里的用户没有足够的权限，这一步没有保存。请管理员让这个用户能在数据库里建表和写入。",
    "error.server_full": "数据库服务器的硬盘已满，无法记录，所以没有继续发送。请管理员腾出空间，再点“继续发送”。",
    "error.server_busy": "数据库服务器的连接数或内存用完了，这一步没有保存。请稍等片刻再试；常常如此，请管理员调高 max_connections。",
    "error.server_locked": "数据库正忙，等了太久，这一步没有保存。请再试一次。",
    "error.server_corrupt": "数据库服务器报告数据已损坏，已停止发送。请管理员不要再改动它，用备份恢复。",
    "error.server_key": "CONTACT_DESK_INSTALL_KEY 和这个数据库建立时用的不是同一个，无法判断哪些号码发过，所以不打开。请管理员换回原来的密钥。",
    "error.server_key_form": "CONTACT_DESK_INSTALL_KEY 应当是 64 位十六进制数字（0–9、a–f），现在不是，所以没有打开数据库。请管理员改正。",
    "error.server_address": "DATABASE_URL 不是一个 PostgreSQL 地址，所以没有打开数据库。正确的样子是 postgresql://用户:密码@主机/数据库，请管理员改正。",
    "error.server_moved": "数据库服务器换了一台，或者恢复到了较早的样子，已停止发送。请管理员重新启动程序：启动时会先核对哪些批次可能已经发出。",
    "error.store_moved": "这个数据文件里的内容已经搬到数据库服务器（{to}），所以不再打开它：两边都发，客户会接到两次电话。请管理员设置 DATABASE_URL 后重新启动程序。",
    "error.copy_run_going": "还有 {count} 次提交正在进行，所以没有搬。请先暂停或等它结束，关闭程序，再搬一次。",
    "error.copy_target_used": "目标数据库里已经有别的内容（表 {table} 和文件里的不一样），所以什么都没有改动。请管理员新建一个空的数据库。",
    "error.copy_differs": "搬过去的内容和文件里的不一样（表 {table}），所以全部撤回，两边都保持原样。请联系技术人员。",
}
