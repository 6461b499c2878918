"""The vocabulary of reviews: which English and Chinese words say what. Patterns meet folded, simplified text.

Written as alternatives between spaces; "_" stands for a space inside one.
"""

import re
from functools import lru_cache
from typing import Literal

from findings.core.types import Priority

Kind = Literal["", "problems", "praise", "plan", "cost", "verdict", "summary"]
Field = Literal["location", "problem", "impact", "fix", "effort", "priority", "status", "line", "note"]

P0, P1, P2 = Priority.P0, Priority.P1, Priority.P2


def _any(words: str) -> str:
    return "|".join(words.split()).replace("_", " ")


def _english(words: str) -> str:
    return rf"\b(?:{_any(words)})\b"


CODE = re.compile(r"(?<![a-z0-9-])p([0-5])(?![a-z0-9]|[-.#]\d)", re.I)
"""A priority by its code: "P0", not "P0-1", "P95" or "HTTP0"."""

CODES = {0: P0, 1: P1}
"""Codes below P1 are all P2: the product has three priorities."""

LEVELS: tuple[tuple[str, str, Priority], ...] = (
    (
        "critical crit blockers? blocking fatal must[-_](?:fix|have) urgent show[-_]?stoppers?"
        " sev(?:erity)?[-_]?[01] severe highest very[-_]high",
        "极高 最高 致命 阻断 阻塞 紧急 危急 关键 必须修(?:[复正]|(?![一-鿿]))"
        " 必修 重大 灾难 一级(?=问题|缺陷|漏洞|风险|隐患|[^一-鿿]|$)",
        P0,
    ),
    (
        "high major important warnings? should[-_](?:fix|have) serious significant sev(?:erity)?[-_]?2",
        "高危 高优 高风险 较高 较大 高 重要 主要 警告 建议修(?:[复正]|(?![一-鿿]))"
        " 二级(?=问题|缺陷|漏洞|风险|隐患|[^一-鿿]|$)",
        P1,
    ),
    (
        "medium med moderate low minor nits? nitpicks? trivial nice[-_]to[-_]have could[-_](?:fix|have)"
        " optional info(?:rmational)? sev(?:erity)?[-_]?[34]",
        "中危 中优 中风险 中等 中 低危 低优 低风险 低 一般 普通 轻微 次要 可选"
        " [三四]级(?=问题|缺陷|漏洞|风险|隐患|[^一-鿿]|$)",
        P2,
    ),
)
"""Severity words, English and Chinese. 严重 is not here: it is P0 in most reports, P1 where 致命 stands above it."""

NOUNS = _any("""
    issues? problems? findings? bugs? defects? blockers? vulnerabilit(?:y|ies) risks? gaps? concerns? items? errors?
    priority severity impact level observations? weaknesses violations? deficienc(?:y|ies) shortcomings?
    inconsistenc(?:y|ies) flaws? faults? improvements?_(?:needed|required) (?<=minor_)improvements?
    问题 缺陷 漏洞 风险 隐患 不一致 级 性 优先级 严重度 严重程度 建议 项 发现 提示
""")
"""What a severity word must stand with, to be one: "critical issues", "高优先级", but not "high availability"."""

LEVEL = f"{_english(' '.join(latin for latin, _, _ in LEVELS))}|严重|{_any(' '.join(han for _, han, _ in LEVELS))}"
"""Any word of severity."""
DEMANDS = re.compile(
    r"(?:must|should|could)[- ](?:fix|have)\b|nice[- ]to[- ]have\b"
    r"|(?P<p0>必须(?:整改|修复|处理|解决))$|(?P<p1>(?:建议|应当?|应该)(?:整改|修复|处理|解决))$|(?P<p2>后续(?:优化|改进|整改|完善))$"
)
"""Severity words that are one whatever stands behind them: "must fix before the launch"."""
REMARK = re.compile(r"info(?:rmational|rmation)?|note|remark|提示|信息|说明", re.I)
"""What stands in the place of a severity and says that there is no problem."""

LEVEL_WORDS = tuple((re.compile(f"{_english(latin)}|{_any(han)}"), p) for latin, han, p in LEVELS)
LEVEL_HEADINGS = tuple(
    (re.compile(rf"(?:\d+个? ?)?(?P<word>(?:{_any(latin)})(?![a-z])|{_any(han)})(?:$|.*(?:{NOUNS}))"), p)
    for latin, han, p in LEVELS
)

GENERIC = re.compile(
    _english("""
        issues? problems? findings? bugs? defects? blockers? blocking vulnerabilit(?:y|ies) risks? gaps? concerns?
        items?
        critical crit high(?:est)? very medium med moderate low major minor fatal urgent important priority severity
        impact level warnings? serious severe trivial observations? weaknesses violations?
        inconsistenc(?:y|ies) flaws? faults? must should
        may could nice fix(?:es)? address required immediate(?:ly)? now today this next sprint week month quarter
        before
        after release production launch merge deploy(?:ment)? security performance reliability architecture code
        quality
        technical tech debt improvements? suggestions? recommend(?:ed|ations?) enhancements? opportunities
        optimi[sz]ations? total found list open the to be of for and in or a have if possible later soon asap do
        consider
        anything everything else first some someday when tier category class count p[0-4] hours? days? weeks? months?
        h d w phase part section
    """)
    + "|"
    + _any(r"""
        极高 最高 致命 严重 阻断 阻塞 紧急 重大 关键 重要 一般 轻微 次要 高危 中危 低危 中等 优先级 优先 问题 缺陷 漏洞
        风险 隐患 发现 提示 审查 审计 评审 走查 整改 立即 必须 需要 尽快 今天
        本周 本月 下周 下个? 迭代 季度 小时 之前 上线 生产 修复 处理 解决 改进 优化 建议 技术
        债务 债 安全 性能 架构 代码 质量 稳定性 可靠性 清单 列表 汇总 短期 中期 长期 持续 后续
        警告 较高 高风险 中风险 低风险 [高中低]优(?!先) 灾难 危急 可选 较大
        错误 bugs? 程度 严重度 级别 类别 影响 详情 详细 说明 明细 一览 统计 分类 部分 第
        高 中 低 危 级 性 等 类 处 月 周 天 应 可 个 项 共 的 和 与 及 须 择 期 内
    """)
)
"""Words that a section's heading is made of; what is left of a heading without them is a finding's own title."""

_KINDS: tuple[tuple[Kind, str, str], ...] = (
    (
        "plan",
        r"""action_(?:items?|plan|list) (?:immediate|priority|recommended|required)_actions? road_?map check_?list
        next_steps implementation_status
        (?:outstanding|remaining)_(?:items|work|tasks) where_to_start
        (?:improvement|remediation)_tasks (?:priority|prioriti[sz]ed|phased|staged)_(?:tasks|plan)
        order_of_(?:work|attack|battle) work_order
        time_?line milestones? schedule to-?do quick_wins sprint_plan backlog
        (?:remediation|fix|implementation|migration|rollout|improvement|refactoring|work|change|test(?:ing)?|delivery|execution)e?s?_(?:plan|order|schedule)
        (?:action|improvement|remediation|fix)(?:e?s)?_priorit(?:y|ies)""",
        r"""行动(?:项|计划|清单|方案)? 必须完成 路线图 检查清单 修复清单 检查列表 待办
        (?:修复|实施|改进|整改|优化|重构|迁移|工作|执行)计划 时间(?:表|线|规划) 里程碑
        (?:改进|修复|整改|优化|实施|执行)(?:建议)?(?:优先级|优先顺序|顺序|步骤) (?<!按)优先级(?:排序|建议)
        修复(?:思路|指引|指南) (?:优先|改进|整改|修复|优化|重构|后续)[^问题缺陷]{0,4}任务 下一步 排期 优先修复项
        任务(?:清单|列表) 建议(?:立即|立刻|优先|尽快|马上)(?:做|处理|修|解决)
        ^(?!.*(?:问题|缺陷|漏洞)).*(?:优化|改进|修复|解决|整改|重构|实施)方案
        ^(?:(?:[\d.]+|[一二三四五六七八九十]+)[.、)]?\s*)?(?:(?:the|our)\s)?(?:plan|计划|规划)(?:\s?[(（][^()（）]*[)）])?$""",
    ),
    (
        "praise",
        r"""what(?:'s|_is|_was|_went|_works?|_we)?_(?:already_)?(?:good|well|works|working|right|like) strengths?
        positives? (?:already|previously|recently)_(?:fixed|resolved|mended)
        (?:verified|confirmed|retested|tested)(?:_as|_to_be)?_(?:fixed|mended|resolved|closed|repaired|gone)
        (?:fixed|mended|resolved|closed|repaired)_since
        (?:fixed|resolved|closed)_(?:issues?|problems?|findings?|bugs?)
        (?:issues?|problems?|findings?|bugs?)_(?:fixed|resolved|closed)
        highlights good_(?:practices|things|parts|points)
        (?<!not_)well[-_](?:structured|designed|written|tested|organi[sz]ed) done_(?:well|right) praise kudos""",
        """亮点 优点 优势 做得好 做得对 值得肯定 值得保留 优秀的?(?:实践|设计|之处) 好的(?:方面|实践|设计|地方|部分)
        正面 (?<!未)已经?(?:修复|解决|关闭)""",
    ),
    (
        "verdict",
        r"""verdict taste rating
        (?:final|overall|quality|health)_(?:score|grade|rating|assessment|judge?ment|verdict)""",
        """评分 核心判断 总评 (?:总体|整体)(?:评价|评估|判断|评分) 最终(?:评价|评估|判断|评语) 评级 裁决 审查结论""",
    ),
    ("cost", "costs? pricing budget spend(?:ing)?", "成本 费用 预算 花费 开支"),
    (
        "summary",
        r"""executive summary overview abstract conclusions? background scope methodology introduction
        table_of_contents bottom_line closing_(?:remarks|thoughts|notes|words) (?:final|last)_(?:remarks|thoughts|words)
        glossary references? appendix""",
        "摘要 概览 概述 总览 总结 小结 结论 结语 写在最后 背景 审查范围 方法论 简介 ^目录 术语 参考 附录",
    ),
    (
        "problems",
        "issues? problems? findings? vulnerabilit(?:y|ies) risks? bugs? defects? concerns? weakness(?:es)? blockers?",
        "问题 缺陷 漏洞 风险 隐患 瓶颈 坏味道 不足 债务",
    ),
)
"""What a heading announces, the first that fits. Plans and praise hold for all under them."""

DONE_MARKS = ("✅", "✔", "☑", "👍", "🎉", "🏆", "🌟", "💚")
COLOURS: dict[str, Priority] = {"🔴": P0, "🚨": P0, "⛔": P0, "🟠": P1, "🟡": P1, "🔵": P2, "🟢": P2, "⚪": P2}
_OVER = r"已(?:经|于\s*[\d年月日./ -]{3,16})?\s*(?:修复?|解决|完成|关闭|处理)|" + _english(
    "resolved fixed closed done completed mitigated remediated addressed"
)
DONE = re.compile(_OVER)
NOT_DONE = re.compile(
    r"未(?:修复|解决|完成)|待(?:修复|解决|处理)"
    r"|\b(?:un|not |partially |partly )(?:resolved|fixed|closed|done|addressed|mitigated|remediated)|部分"
)
_MARKED = rf"\s*(?:[^\w\s]+\s*)?(?:{_OVER})"
CLOSED = re.compile(
    r"[(（\[【]\s*(?:no action (?:needed|required)|无需(?:处理|修改|修复|操作))"
    rf"|[(（\[【]{_MARKED}(?:\s+(?:in|on|by|at|as|with|via|since|\d)\b|\W*[)）\]】]|[,，;；])"
    rf"|(?:[—–]|\s-|[✅✔☑]\ufe0f?){_MARKED}(?:\W*|\s\W*(?:in|on|by|at|as|with|via|since|\d|[(（]).{{0,40}})$"
    r"|[✅✔☑]\ufe0f?\s*(?:(?!confirmed|verified|valid|reproduced)[a-z-]{4,14}\W*)?$"
    r"|[⚠❌]\ufe0f?\s*(?:已不存在|无需|不修|误报)"
)
"""Behind or in a title: "(fixed)", "— 已修复"."""
RETOLD = re.compile(
    r"[(（\[【]\s*(?:同上|已在[^()（）\[\]【】`]{1,20}(?:详述|说明|描述|列出|提及)"
    r"|(?:already |also )?(?:covered|described|detailed|discussed|listed|told) (?:above|(?:in|under) [^()`]{1,30})"
    r"|(?:duplicate|same) (?:of|as) [^()`]{1,30})\s*[)）\]】]\s*$"
)
"""Behind a title: that the finding is told in another place."""
CONFIRMED = re.compile(
    rf"{_english('confirmed verified valid reproduced available planned')}|确认|属实|已验证|存在|可自动|可用"
)
"""What a tick beside a status may mean instead of "done"."""

_LABELS: tuple[tuple[Field, str, str, str], ...] = (
    (
        "effort",
        "estimated fix remediation est\\.? total",
        "effort estimate est work_?load time",
        "estimate required needed to_fix",
    ),
    ("effort", "", "fix_time hours", ""),
    ("effort", "预计 预估 估计 估算 修复", "工时 工作量 耗时 用时 人力 人日", "估算 估计 预估"),
    ("effort", "", "(?:预计|预估)?工期 估时 时间投入 预计时间 修复时间 所需时间 预估时间", ""),
    ("priority", "fix issue risk", "severity priority criticality rating pri prio sev", "level"),
    (
        "priority",
        "",
        "risk_level 定级 评级 优先级 修复优先级 处理优先级 危害程度 严重程度 严重性 严重级别 严重等级",
        "",
    ),
    ("priority", "危害 风险 问题 安全 缺陷 漏洞 危险", "等级 级别 严重(?:程度|等级|级别|性|度) 优先级", ""),
    ("priority", "", "level urgency impact_level 严重度 优先程度 紧急程度 重要程度 重要性", ""),
    ("status", "current fix", "status", ""),
    ("status", "当前 修复 处理 目前", "状态", ""),
    ("status", "", "验证结果", ""),
    (
        "location",
        "exact code file affected vulnerable problem",
        "locations? files? paths? places? areas? modules? components? services?",
        "affected",
    ),
    ("location", "", "scope 范围 问题(?:所在)?位置 where", ""),
    ("location", "", "(?:file_|affected_)?list (?:文件)?清单 anchors?", ""),
    ("location", "", "affected_code source found_in files_involved position code_references?", ""),
    ("location", "", "(?:相关|涉及|关联)(?:代码|文件) (?:发现|缺陷)位置 来源", ""),
    ("location", "", "files?_?[:/&+]_?lines? (?:文件|档案)_?[:/]_?行号?", ""),
    ("location", "", "file_paths? where affected (?:areas?|modules?|components?)_?/_?files? 定位 出处 受影响范围", ""),
    (
        "location",
        "受影响 受影响的 问题 代码 相关 涉及 具体 所在 影响 错误 关键 漏洞",
        "位置 文件 档案 路径 文件位置 文件路径 档案位置 档案路径 代码位置 模块 组件 服务",
        "",
    ),
    (
        "line",
        "",
        "lines?(?:\\(s\\))? lines?_(?:numbers?|no\\.?|range) (?:代码|所在|具体)?行[号数]?(?:范围)? 起止行号?",
        "",
    ),
    (
        "impact",
        "business security performance user potential real production",
        "impacts? consequences? effects? risks?",
        "if_unfixed analysis scope",
    ),
    ("impact", "", "why_(?:it|this)_matters (?:attack|failure)_scenarios? blast_radius threat", ""),
    ("impact", "", "why(?:_(?:it|this|that))?(?:'s|_is)_(?:wrong|bad|a_problem|dangerous|broken|risky|serious)", ""),
    ("impact", "业务 性能 安全 潜在 真实 实际 真实的性能 用户 生产", "影响 后果 危害 风险", "范围 分析 面 评估"),
    ("impact", "攻击 故障", "场景", ""),
    ("impact", "", "(?:风险|影响|危害)说明 可能(?:的)?后果 severity_rationale exploitability", ""),
    ("impact", "", "威胁", ""),
    (
        "fix",
        "recommended suggested proposed required quick",
        "improvements? changes?"
        " fix(?:es)? remediation solutions? recommendations? mitigations? resolution refactor(?:ing)? corrections?",
        "required direction plan steps example code strategy",
    ),
    ("fix", "", "recommended suggest(?:ion|ed)s? actions?(?:_required)? todo steps better should_be how_to_fix", ""),
    ("fix", "recommended correct proposed", "approach way action design", ""),
    (
        "fix",
        "",
        "what_(?:correct|good|better|right|it_should)(?:_code)?_looks?_like what_(?:should|must|needs_to)_[a-z_]{3,20}",
        "",
    ),
    ("fix", "", "remedy cure proposal what_to_do 目标设计 目标方案 重构后 改造方案", ""),
    ("fix", "", "(?:recommended|suggested|proposed)_[a-z_]{3,30}", ""),
    ("fix", "", "correct improved fixed after good", "code"),
    ("fix", "", "acceptance_criteria validation_required benefits?", ""),
    ("fix", "expected", "gains? benefits? results? improvements?", ""),
    (
        "fix",
        "",
        "修复 解决 改进 整改 优化 重构 处理 缓解 简化 标准化 修改 推荐 合并",
        "建议 方案 方法 措施 路线图 步骤 示例 代码 方式 方向 做法 思路 后",
    ),
    ("fix", "", "必须修[正改复] 应修[正改复]", ""),
    ("fix", "", "建议", "修复 合并 方案 改进 优化 做法"),
    ("fix", "", "解决办法 对策", ""),
    ("fix", "正确 正确的 更好的 应有的 推荐 推荐的 更好", "做法 方式 设计 方案 实现", ""),
    ("fix", "", "措施 方案 最佳实践 行动 验收标准 好处 (?:推荐|建议)的?(?:操作|修复|处理|实施)?步骤 验证方法", ""),
    ("fix", "预期 预计", "收益 效果 提升 结果", ""),
    (
        "problem",
        "the core main specific",
        "problems? issues? descriptions? details? findings? observations? evidence symptoms? root_causes? causes?",
        "description analysis found identified",
    ),
    ("problem", "", "what(?:'s|_is)_(?:broken|wrong|missing|happening|bad|there|the_(?:issue|problem))", ""),
    ("problem", "", "background context what analysis discovery claim reality current", ""),
    (
        "problem",
        "",
        "what_happens root_cause_analysis 具体表现 表现 当前设计 代码(?:证据|现状) 问题(?:代码|现象|表现|根源)",
        "",
    ),
    ("problem", "current", "state code implementation behaviou?r configuration", ""),
    ("problem", "", "bad before vulnerable problematic", "code"),
    ("problem", "具体 核心 主要 典型 真实 关键", "问题 缺陷 漏洞", "描述 分析 代码 说明 所在 点"),
    ("problem", "", "描述 说明 现象 发现 原因 根因 根本原因 根因分析 分析 证据 现状 示例 背景", ""),
    ("problem", "当前 现有 目前 问题", "代码 实现 配置 情况", ""),
    ("problem", "", "summary why explanation (?:问题)?详情 详细(?:描述|说明) 情况说明 触发条件 简述", ""),
    ("problem", "", "代码", "样本 示例 片段"),
    ("note", "", "owners? assignees? assigned_to responsible dri 负责人 责任人 处理人 执行人 跟进人", ""),
    ("note", "open", "questions? 问题待确认 待确认问题 开放问题 疑问", ""),
    ("note", "", "date author reviewer type category domain confidence depends_on tags? cwe cvss", ""),
    ("note", "", "时限 期限 整改时限 完成时限", ""),
    ("note", "", "dependencies references? 日期 作者 类型 类别 分类 依赖 标签 参考 引用", ""),
)
"""Labels of a finding's parts, the first that fits the whole label: words that may stand before, the word itself,
words that may stand behind. Words in brackets do not count.
"""

NOTHING = re.compile(
    r"(?:none|未发现|n/?a|nothing(?= (?:found|to|new|at|of|in|here|else|reported|critical|major|open)\b|\W*$)"
    r"|no (?:issues|findings|blockers)|(?:没有|无)(?!\s+[a-z])|暂无|-+|—+)\b.{0,20}$|^\W*$"
)
"""What says that there is nothing."""
DOING = re.compile(
    r"\W*(?:(?:add|implement|fix|refactor|replace|remove|create|introduce|enable|move|migrate|set ?up|improve|update"
    r"|optimi[sz]e|extract|consolidate|document|write|configure|upgrade|integrate|establish|enforce|ensure|convert"
    r"|standardi[sz]e|address|resolve|rename|split|rotate|wrap|adopt|delete|switch|drop|increase|reduce|clean ?up"
    r"|eliminate|make|apply|consider|define|expand|extend|provide|restrict|validate|verify|adjust|rewrite|rework"
    r"|simplify|isolate|saniti[sz]e|encrypt|harden|unify)\b"
    r"|use (?!of|after|case)"
    r"|添加|增加|实现|引入|修复|优化|完善|改用|使用|迁移|重构|移除|删除|统一|补充|建立|升级|替换|拆分|抽取|提取|改为|启用|清理|编写|加强)"
)
"""What begins so says what to do, and not what is wrong."""
FIX_VERBS = re.compile(
    _any("""删除 移除 使用 改用 采用 迁移 替换 添加 增加 启用 拆分
    (?:delete|remove|use|replace|add|switch|move|enable|drop|migrate)\\b""")
)
"""A label of the reviewer's own that begins so tells what to do."""

_FIELDS = tuple(
    (field, re.compile(rf"(?:(?:{_any(before)}) ?)?(?:{_any(word)})(?: ?(?:{_any(behind)}))?"))
    for field, before, word, behind in _LABELS
)
_SECTIONS = tuple((kind, re.compile(f"{_english(latin)}|{_any(han)}")) for kind, latin, han in _KINDS)


LABEL = 200
"""Characters of a label, at most: with more it is a sentence, and patterns take time."""


@lru_cache(maxsize=8192)
def field_of(label: str) -> Field | None:
    """The part of a finding that a folded label begins, None for a label that is not in the vocabulary."""
    if len(label) > LABEL:
        return None
    bare = re.sub(r"[(（\[【].*?[)）\]】]", "", label).strip(" :.-*`\"'“”")
    return next((field for field, pattern in _FIELDS if pattern.fullmatch(bare)), None)


@lru_cache(maxsize=8192)
def kind_of(folded: str) -> Kind:
    """What a folded heading announces."""
    return next((kind for kind, pattern in _SECTIONS if pattern.search(folded)), "")
