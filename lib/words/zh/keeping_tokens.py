"""令牌放在哪里、怎样忘掉的文字。"""

WORDS: dict[str, str | dict[str, str]] = {
    "keyring.windows": "Windows 凭据管理器",
    "keyring.macos": "macOS 钥匙串",
    "keyring.secret_service": "这台电脑的系统密码库",
    "keyring.kwallet": "KDE 钱包",
    "keyring.libsecret": "这台电脑的密码库",
    "token.keep": "记在{keyring}里，下次打开不用再填",
    "token.goes_to_keyring": "令牌不写进本程序的任何文件，只交给{keyring}保管。多人共用的电脑，请不要勾选。",
    "token.goes_to_memory": "这台电脑没有可用的系统密码库，令牌只放在内存里，不写入硬盘；程序重启后需要再填一次。",
    "token.home.keyring": "令牌存在{keyring}里，不在本程序的任何文件里。",
    "token.home.memory": "令牌只放在内存里，不写入硬盘；程序重启后需要再填一次。",
    "token.home.server": "令牌由管理员在服务器上设置，不用填写。",
    "token.forget": "删除这个令牌",
    "error.keyring_locked": "系统密码库锁着，没能打开，所以令牌只放在内存里。请先解锁密码库，再保存一次。",
    "error.keyring_waiting": "系统密码库一直没有回应，可能在等您解锁或同意，所以令牌只放在内存里。请看看有没有弹出的窗口，再保存一次。",
    "error.keyring_failed": "系统密码库没有收下令牌，所以令牌只放在内存里，程序重启后需要再填一次。",
    "error.keyring_not_kept": "令牌存进系统密码库后读出来不一样，已经从密码库里删掉，只放在内存里。程序重启后需要再填一次。",
    "error.keyring_not_deleted": "令牌已经从内存里清除，但系统密码库没有删掉它。请打开系统密码库，搜索 contact-desk，手动删除。",
}
