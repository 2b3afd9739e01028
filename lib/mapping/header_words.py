"""The words headers are made of: what each means for the question which column is what. Data, no logic.

A header is cut into these words (`lib.mapping.headings`), its last one says what the column is, the others whose or which.
Longer words win, so that 客户经理 is a manager and no customer. Traditional characters are written simplified here.
"""

from enum import StrEnum


class Word(StrEnum):
    """What a word of a header means."""

    # what a column is
    MOBILE = "mobile"
    PHONE = "phone"
    LANDLINE = "landline"
    NUMBER = "number"  # a number of whatever stands before it
    NAME = "name"  # of a person
    TITLE = "title"  # what something is called: 名称 needs to be told of what
    GIVEN = "given"
    FAMILY = "family"
    NICKNAME = "nickname"
    COMPANY = "company"
    EMAIL = "email"
    SEX = "sex"
    ID = "id"
    THING = "thing"  # anything else the platform has no field for
    # whose it is
    PERSON = "person"  # whom the row is about
    CONTACT = "contact"  # the person to talk to
    RECIPIENT = "recipient"
    GUARDIAN = "guardian"
    PARENT = "parent"  # a guardian in a list of children, a relative elsewhere
    CHILD = "child"
    PET = "pet"
    HEAD = "head"  # of a firm: 负责人 may be the customer's or our own
    STAFF = "staff"  # somebody who works for whoever made the list
    OTHER = "other"  # somebody else: relatives, referrers, senders
    FIRM = "firm"  # a shop, a carrier, a clinic: not the person's own company
    SOMEONE = "someone"  # a person, the word does not say who
    LINE = "line"  # a line that calls, not one that is called
    # which of several it is
    OWN = "own"
    PLAIN = "plain"
    WORK = "work"
    HOME = "home"
    ACCOUNT = "account"
    SPARE = "spare"
    CASE = "case"  # an order, a lead: its number tells rows apart
    ASKED = "asked"  # whether, not which
    JOIN = "join"
    UNKNOWN = "unknown"


_WORDS: dict[Word, str] = {
    Word.MOBILE: """
        手机号码 手机号 手机 手机电话 手机联系方式 移动电话 移动电话号码 移动号码 行动电话 行动电话号码 手提电话 手提 流动电话 大哥大
        携帯電話番号 携帯番号 携帯電話 携帯 스마트폰 휴대폰 휴대전화 휴대폰번호
        mobile mobiles cell cellular cellphone handphone hp mob msisdn celular handy shouji shoujihao
    """,
    Word.PHONE: """
        电话号码 电话号 电话 联系方式 联系电话 联系号码 联系手机号码 联络方式 联络电话 联络号码 通讯方式 通讯电话 联系方法 电联 联系手机
        被叫号码 被叫 受话号码 拨打号码 呼叫号码 来电号码 来电电话 电话番号 连络先 お電話番号 전화번호 전화 연락처
        phone phones ph tel tele telephone dianhua telefon telefono callee dial
    """,
    Word.LANDLINE: "座机号码 座机号 座机 座机电话 固话 固话号码 固定电话 固定电话号码 固定号码 市话 家用电话 landline",
    Word.NUMBER: "号码 number num no nr nbr",
    Word.NAME: """
        姓名 名字 全名 称呼 尊称 大名 真实姓名 姓名称呼 中文姓名 中文名 氏名 お名前 名前 이름 성명 怎么称呼 如何称呼
        name nm fullname fn xingming
    """,
    Word.TITLE: "名称 名",
    Word.GIVEN: "given first forename firstname givenname fname 名の",
    Word.FAMILY: "surname last family lastname familyname lname 姓 姓氏",
    Word.NICKNAME: "昵称 会员名 买家会员名 网名 微信名 微信昵称 花名 别名 小名 nickname nick alias username 用户名 登录名 账户名 账号名 帐号名",
    Word.COMPANY: """
        公司 公司名 公司名称 公司全称 单位 单位名称 单位全称 企业 企业名 企业名称 企业全称 工作单位 就职单位 任职单位 工作公司 就职公司 任职公司
        会社名 会社 贵社名 勤务先 法人名 公司抬头 회사명 회사
        company organization organisation employer firm business corporation org
    """,
    Word.EMAIL: """
        邮箱 邮件 邮箱地址 邮件地址 电子邮箱 电子邮件 电子邮箱地址 电子邮件地址 电邮 电邮地址 伊妹儿 信箱 电子信箱 邮箱号 邮箱账号
        メールアドレス メール 이메일 email mail emailaddress
    """,
    Word.SEX: "性别 性別 男女 先生女士 称谓 성별 gender sex salutation",
    Word.ID: "编号 编码 代码 id ids uuid guid 识别码 标识 号 流水号 code key sn 番号",
    Word.PERSON: """
        客户 顾客 用户 会员 学员 患者 病人 病员 就诊人 就医人 受检人 体检人 业主 住户 户主 老人 长者 房主 产权人 权利人 居民 村民 农户 群众 车主 主人 宠主 机主 租客 租户 承租人 承租方
        买家 买方 买受人 购买人 购房人 购车人 下单人 订货人 订购人 订花人 订餐人 预订人 预定人 预约人 入住人 住客 客人 宾客 旅客 乘客 游客 出行人 乘机人 参会人 参会者
        参会人员 与会人 嘉宾 报名人 报名者 投保人 借款人 贷款人 承借人 欠款人 债务人 候选人 应聘者 应聘人 求职者 求职人 申请人 投诉人 来访人 来访者 访客 来电人 致电人 反馈人
        咨询人 咨询者 咨询客户 询盘人 留言人 中奖人 获奖人 领奖人 捐赠人 党员 员工 职工 成员 队员 团员 社员 考生 校友 粉丝 读者 消费者 持卡人 参保人 被保险人 被访人 被访者 受访者 收房人
        报修人 送修人 报案人 寄修人 付款人 缴费人 缴款人 开户人 经营者 店主 老板 对方 客 当事人 委托人 志愿者 参与者 参与人 签约人 订车人 试驾人 意向人
        新郎 新娘 产妇 孕妇 妈咪 宝妈 宝爸 服务对象 业户 商户 商户联系人 顾客様 お客様 顧客 利用者 会员様 고객 회원
        customer cust client guest patient member attendee participant invitee buyer purchaser subscriber tenant resident passenger traveler traveller candidate
        applicant prospect borrower policyholder insured donor registrant visitor student learner pupil employee caller respondent cardholder
        consumer renter delegate voter winner debtor homeowner person individual shopper
        billing alumni enquirer inquirer bride groom
    """,
    Word.CONTACT: """
        联系人 联络人 连络人 对接人 主要联系人 首要联系人 第一联系人 客户联系人 业务联系人 单位联系人 公司联系人 企业联系人 担当者 担当者名 contact contacts linkman
    """,
    Word.RECIPIENT: "收货人 收件人 收货 收件 收货方 收件方 提货人 收餐人 取餐人 取货人 取件人 受取人 用车人 就餐人 recipient consignee receiver shipto shipping",
    Word.GUARDIAN: "家长 监护人 保护者 学生家长 guardian parent parents",
    Word.PARENT: "父亲 母亲 爸爸 妈妈 父母 父 母 father mother mom mum dad",
    Word.CHILD: """
        学生 孩子 小孩 儿童 宝宝 婴儿 幼儿 小朋友 子女 新生儿 儿子 女儿 被保人 被监护人 child children kid baby son daughter
    """,
    Word.PET: "逝者 死者 故人 亡者 deceased 宠物 爱宠 犬只 犬 猫 狗 宠 pet dog cat ペット",
    Word.HEAD: """
        法人 法人代表 法定代表人 法定代表 法代 企业法人 公司法人 企业负责人 公司负责人 单位负责人 董事长 总经理 股东 经营人 principal ceo
    """,
    Word.STAFF: """
        团队成员 项目成员 业务员 业务人员 销售 销售员 销售人员 销售代表 销售经理 销售顾问 客户经理 客户代表 客户顾问 大客户经理 项目经理 产品经理 经理 主任 组长 队长 站长 区长 楼长 网格长 顾问 置业顾问
        课程顾问 学习顾问 美容顾问 服务顾问 专属顾问 健康顾问 理财经理 理财师 投顾 咨询师 咨询老师 咨询医生 美容师 技师 理疗师 发型师 设计师 摄影师 化妆师 工程师 师傅
        客服 客服人员 坐席 座席 坐席人员 话务员 店长 店员 店助 导购 导购员 导游 领队 计调 主管 直属主管 上级 领导 直属领导 负责人 归属人 归属销售 跟进 跟踪 跟进人 跟进人员 跟单员 跟单人 跟单 维护人
        所有者 拥有者 所有人 持有人 创建人 创建者 录入人 录入员 登记员 登记人 操作人 操作员 操作者 经办人 经办 经手人 受理人 处理人 办理人 审核人 审批人 复核人 添加人 采集人 采集员 填报人 填表人
        提交人 更新人 修改人 修改者 最后修改人 分配人 指派人 协作人 协同人 管控人 责任人 帮扶人 帮扶干部 网格员 联络员 管理员 楼管 管家 管房人 经纪人 带看人 带看经纪人 中介
        录单人 派单人 派单员 接单人 接待人 接待员 接待 值班 值班人 值班人员 值守 司机 驾驶员 骑手 快递员 配送员 送货员 派送员 配送 跑腿 安装师傅 维修师傅 维修员 维修工 安装工 安装 维修 上门师傅
        医生 医师 主治医生 主治医师 主治 责任医生 接诊医生 大夫 护士 老师 教师 班主任 任课老师 授课老师 教练 私教 陪练 辅导员 导师 讲师 助教 学管 学管师 班主 代课
        人事 面试官 招聘者 招聘负责人 招聘专员 猎头 保姆 阿姨 月嫂 专员 催收员 催收人员 催收 调解员 法官 书记员 律师 代理人 保险代理人 营销员 推广员 推广人 达人 主播 团长 群主 采购员 采购人 制单人 开票人 打单人 拣货人 打印人 建档人 建单人 发布人 发起人 承办人 主办人 督办人 回访人 回访人员 回访员 接送人 送检人 检测人 检查人 服务人员 工作人员 施工人员 管理人员
        干部 书记 秘书 助理 总监 专员 商务 招商 招生 前台 收银 保安 保洁 厨师 护工 护理 承运人 仓管 班组长 班长 村支书 组长 收款人 结算人
        渠道 渠道商 渠道经理 渠道人员 内勤 外勤 原负责人 前负责人 售后 售前 运营 财务 会计 监督 督导 教务 员 师
        营業担当 担当 営業 owner manager agent rep representative sales salesperson salesman salesrep staff assignee assigned host organizer organiser driver courier
        rider doctor physician dr nurse teacher coach trainer tutor instructor advisor adviser consultant technician engineer operator creator author
        supervisor recruiter interviewer hr broker realtor handler dispatcher approver reviewer counselor counsellor receptionist therapist stylist support
        provider worker contractor installer inspector surveyor adjuster underwriter processor guide cashier clerk mentor professor lecturer
        admin administrator officer executive coordinator specialist lawyer attorney ae csm sdr bdr by
    """,
    Word.OTHER: """
        家庭成员 家属成员 他人 别人 紧急 紧急联系人 紧急联络人 应急 应急联系人 推荐 推荐人 推荐会员 推荐客户 介绍 介绍人 引荐人 转介绍 转介绍人 邀请人 被投诉人 受托人 共同申请人 副驾 分享人 上线 师父 亲属 亲友 家属 家人 亲戚 配偶 丈夫 妻子
        老公 老婆 爱人 伴侣 兄弟 姐妹 朋友 同事 同住人 共同借款人 共借人 担保人 保证人 连带人 第三方 受益人 关系人 其他联系人 第二联系人 备用联系人 同行人 陪同人 随行人 代办人 陪护人 陪护
        寄件人 寄件 寄件方 寄货人 发件人 发件 发货人 发货 发货方 发送人 送货人 送花人 收花人 收礼人 卖家 卖方 出卖人 出租人 出租方 房东 转让人 证明人 见证人 咨询电话 投诉电话
        代收人 代签人 代领人 陪护家属 热线 服务热线 客服热线 被叫热线 紧急連絡先 紧急连络先
        emergency inviter invitor referrer referral referred referee reference spouse husband wife partner relative relation kin sibling brother sister guarantor cosigner beneficiary
        assistant asst secretary
        sender shipper seller landlord lessor giver secondary2 nextofkin from witness friend else
    """,
    Word.FIRM: """
        商家 店铺 门店 店 分店 网店 专卖店 归属门店 所属门店 开单门店 酒店 饭店 餐厅 医院 诊所 学校 校区 院校 毕业学校 毕业院校 学院 幼儿园 机构 所属机构 经办机构 平台 供应商 供货商 供应方 经销商
        代理商 代理店 加盟商 承运商 服务商 开发商 厂家 厂商 品牌商 快递公司 物流公司 发货物流公司 货运公司 保险公司 承保公司 物业公司 中介公司 担保公司 装修公司 施工单位 建设单位 监理单位 开户行 银行
        分公司 子公司 所属公司 归属公司 所属单位 归属单位 派遣公司 劳务公司 服务公司 签约公司 我司 本公司 发货公司 快递 物流 分行 支行 网点 营业部 服务站 仓库 仓 驿站 自提点 社区 街道 居委会 村委会 物业
        4s店 经销店 店名 部门 科室 班级 小区 组织 团队
        hotel store shop vendor supplier merchant dealer carrier clinic hospital school branch agency insurer warehouse platform property venue restaurant
    """,
    Word.SOMEONE: "人 者 人员 方 男方 女方 user users",
    Word.LINE: """
        主叫号码 主叫 主叫外显 外显号码 外显 显示号码 线路号码 线路 中继号码 中继 总机 分机 分机号 分机号码 转接号码 小号 虚拟号 虚拟号码 隐私号 隐私号码 中间号 接入号 接入号码 坐席号码 外呼线路
        callerid did extension ext trunk hotline
    """,
    Word.OWN: "本人 自己 您 您的 你的 我的 贵 my your",
    Word.PLAIN: """
        请 请问 请填写 请填写您的 请输入 请输入您的 请留下 请留下您的 填写 输入 留下 的 联系 联络 常用 主要 首选 主 有效 真实 方便 现用 当前 现 个人 参展 签约 成交 意向 目标 潜在 来访 到访 实际 新 私人 明文 完整 同号
        呼叫 拨打 外呼 第一 中文 参会 报名 预订 预定 预约 入住 乘车 出行 就诊 体检 信息 资料 是 为 是多少 多少 是什么 国内 お 您好 姓名电话 所在 目前 就职 任职 现任 线上 线下
        primary main real associated personal private default preferred full value mobile1 text legal display the a an customer1 valid current best complete contact1
        type1 internet pref international please enter 値 值 内容
    """,
    Word.WORK: "办公 办公室 工作 work office business1 公务",
    Word.HOME: "家庭 住宅 家里 宅 宅电 家 自宅 home house residence",
    Word.ACCOUNT: "注册 登录 登陆 绑定 账号 帐号 账户 帐户 预留 购买 认证 开户 实名 用户购买 支付 account login registered registration signup whatsapp sms",
    Word.SPARE: """
        备用 备选 其他 其它 另一 另外 更多 第二 第三 次要 副 额外 补充 旧 原 历史 曾用 过往 以前 失效 停用 alternate alternative alt other secondary second third backup
        old additional extra2 previous former spare
    """,
    Word.CASE: """
        订单 主订单 子订单 交易订单 采购订单 线索 商机 工单 服务单 合同 协议 业务 案件 申请 申请单 预约单 报单 挂号 门诊 内部 报备 客源 采购单 报修单 维修单 借据 贷款 回访单 任务单 受理单 服务 租约 流水
        单 确认 booking order lead confirmation reservation contract ticket case external crm record registration1 deal opportunity transaction out
    """,
    Word.ASKED: "是否 有无 能否 可否 是不是 有没有 is has can does did1 allow ignore opt whether are do",
    Word.JOIN: "の 和 与 及 或 and or & of for",
    Word.THING: """
        时间 日期 年月 年份 年 月 日 生日 年龄 岁数 出生 出生日期 生年月日 地址 住址 住所 地区 省 市 区 省份 城市 区县 县 区域 街 乡镇 位置 地点 归属地 归属 邮编 邮政编码 郵便番号 国家 国籍 籍贯 民族 户籍
        备注 说明 描述 留言 评价 反馈 记录 状态 类型 类别 分类 种类 性质 级别 等级 星级 层级 阶段 标签 标识码 来源 渠道来源 行业 规模 职位 职务 职称 岗位 部 科 学历 专业 婚姻 婚姻状况 血型 身高 体重 尺码 职业
        身份证 身份证号 身份证号码 证件 证件号 证件号码 证件类型 护照 护照号 护照号码 社保号 社保 医保 医保卡号 医保号 银行卡 银行卡号 卡号 会员卡 会员卡号 卡 折 账单 车牌 车牌号 车牌号码 车架号 车架号码 发动机号 车型 车系 车辆
        发票 发票号码 税号 统一社会信用代码 信用代码 注册号 组织机构代码 批号 条码 条形码 序列号 串号 机身 imei 设备 型号 序号 行号 楼号 楼栋 单元 单元号 房号 房间号 房间 房屋 房源 门牌 门牌号 床号 座位号 座号 桌号 柜号 展位 展位号 车位 车位号 学号
        工号 考号 准考证 准考证号 学籍 学籍号 病历 病历号 住院号 门诊号 保单 保单号 保单号码 保险单号 险种 快递单号 物流单号 运单 运单号 票号 取件码 验证码 口令 密码 qq号 qq号码 微信 微信号 微信同号 旺旺 支付宝 淘宝 抖音 抖音号 快手
        商品 产品 货品 货物 品名 项目 课程 套餐 服务项目 品牌 药品 菜品 物品 礼品 礼物 规格 单价 价格 金额 总价 费用 余额 数量 件数 重量 库存 折扣 优惠 优惠券 积分 佣金 工资 收入 次数 天数 时长 人数 比例 关系 意向度
        活动 会议 展会 任务 计划 话术 方案 模板 表单 问卷 问题 答案 标题 主题 内容1 关键词 链接 网址 官网 主页 图片 头像 照片 附件 文件 录音 经营范围 注册资本 拼音 英文 英文名 英文名称 外文 外文名 日文 简称 缩写 曾用名 フリガナ ふりがな カナ
        变量 字段 参数 系统 版本 ip 浏览器 语言 时区 结果 原因 方式 支付方式 付款方式 渠道方式 频率 周期 属性 品种 疫苗 病种 诊断 病情 症状 症状描述 年级 班 班型 校名 楼盘 小区名 小区名称 户型 面积 建筑面积 路线 航班 车次 目的地 出发地 群 群名
        运营商 品类 颜色 尺寸 材质 样式 款式 拍卖 标的 法院 案由 判决 利率 期数 额度 银行名称 开户行名称 存款 贷款金额 逾期 欠款 明细 情况 进度 需求 爱好 兴趣 特长 政治面貌 学校名 校 座 层 栋 楼 户 门 数 量 额 费 率 价 度 天 次 率1 期 型 色 址 网
        住所地 住所地址 会员数 意见 建议 评分 分数 成绩 得分 排名 顺序 优先级 权限 角色 样本 住 备考 役职 部署 年齢 店舗 商品名 都道府県 国 地域 注文日 金額
        date time datetime day month year age birthday birth bday dob address addr street city state province county country region zip zipcode postal postcode postalcode location place
        latitude longitude timezone zone language locale status stage type kind category class group tag tags label labels note notes comment comments remark remarks description desc message content
        subject title job position role department dept industry revenue income salary size amount price total cost fee balance quantity qty count score rating rank priority sort grade level
        product products item items goods sku brand model plan package service campaign form ad adset event project program programme course task template voice prompt file page url link website site domain
        device browser os source medium channel platform1 utm referer facebook twitter linkedin instagram wechat weixin qq line skype telegram whatsappid github handle im fax pager
        passport license licence plate vin policy tax vat ssn iban bank card invoice tracking shipment po batch serial version middle prefix suffix initials initial phonetic pronunciation maiden legal1
        consent optin optout subscribed subscription permission preference carrier1 operator1 owner1 verified valid1 validation hash hashed organic answer question reason result outcome method
        created updated modified deleted added on at in to with last1 first1 attempts duration length start end deadline expiry expires due next activity active checkin checkout check relationship
        username1 password token secret photo image avatar picture attachment logo gender1 marital education school1 degree major nationality religion destination origin breed species
        number1 unit rate percent percentage weight height color colour currency payment delivery1 terms discount coupon points memo remarks1 history log visits spend spent
        room bed seat table floor building apartment apt lot host1 hostname server team1 division section
    """,
}


#: Traditional characters and Japanese forms in these words → simplified; written in pairs.
_PAIRS = """
電电 話话 機机 號号 碼码 聯联 絡络 繫系 稱称 戶户 業业 務务 員员 經经 單单 編编 訂订 購购 買买 賣卖 貨货 發发 緊紧 薦荐 紹绍 門门 師师 醫医 護护 學学 長长 監监 親亲 屬属 優优
級级 順顺 來来 類类 產产 産产 車车 險险 證证 實实 際际 總总 構构 組组 織织 郵邮 別别 連连 顧顾 會会 預预 約约 報报 應应 徵征 聘聘 職职 廠厂 資资 訊讯 訪访 點点 區区 縣县 鄉乡 鎮镇
國国 種种 賬账 帳帐 寵宠 貓猫 導导 遊游 運运 營营 銷销 寫写 輸输 請请 問问 環环 標标 識识 開开 關关 繳缴 費费 題题 項项 額额 數数 稅税 銀银 齡龄 參参 時时 間间 備备 註注 對对 狀状 態态
樓楼 層层 棟栋 價价 條条 願愿 議议 見见 評评 圖图 頁页 鏈链 錄录 誌志 歷历 曆历 體体 檢检 診诊 療疗 藥药 術术 護护 養养 陸陆 雜杂 難难 離离 轉转 換换 歸归 屆届 選选 擇择 題题 課课
講讲 練练 習习 試试 績绩 評评 審审 補补 償偿 貸贷 債债 擔担 責责 負负 領领 導导 檔档 傳传 眞真 與与 興兴 舊旧 暱昵 綁绑 註注 冊册 認认 證证 錢钱 幣币 貼贴 質质 規规 網网 絲丝 紅红
"""

#: For `str.translate`.
SIMPLIFIED = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})

#: Word as it is compared → what it means.
WORDS: dict[str, Word] = {
    word.translate(SIMPLIFIED): kind for kind, words in _WORDS.items() for word in words.split()
}

#: Words for two people of equal standing: a sheet with both does not say which of them is called.
COUPLES = (
    (frozenset(("新郎", "groom")), frozenset(("新娘", "bride"))),
    (frozenset(("caller",)), frozenset(("called", "callee"))),
    (frozenset(("宝爸", "爸爸", "父亲")), frozenset(("宝妈", "妈妈", "母亲"))),
)

#: Words for two people who may stand in one row: the number of the one is not that of the other.
COUNTERPARTS = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        ("投保人", "被保险人 被保人"),
        ("业主 房主 户主 产权人 房东", "租客 租户 承租人"),
        ("收货人 收件人 收货 收件 收货方 收件方", "下单人 订货人 订购人 购买人 付款人 买家 买方"),
        ("当事人 委托人", "代理人 经办人"),
    )
)
