"""The words that point to each built-in rule, English and Chinese, as data.

A signal is a confidence and patterns that must all stand in one line (folded: lower case, simplified characters).
"""

import re
from dataclasses import dataclass

SENSITIVE = (
    r"passwords?\b|passwd|\bsecrets?\b|credentials?\b"
    r"|\b(?:access|auth|api|bearer|jwt|bot|service|github|gitlab|slack)[- ]tokens?\b|\btokens? in git"
    r"|(?:(?<=coded )|(?<=leaked )|(?<=committed ))tokens?\b"
    r"|api.?keys?\b|private keys?\b|密码|密钥|金钥|凭据|凭证|口令|令牌"
)
BARED = r"plain.?text|hard.?coded|明文|硬编码|泄漏|泄露|\bleak|\bexposed|\bcommitted|暴露|洩露|洩漏|写死"
NEARBY = rf"(?=(?:{BARED})[^,，.。;；]{{0,40}}?(?:{SENSITIVE})|(?:{SENSITIVE})[^,，.。;；]{{0,40}}?(?:{BARED}))"
"""The two words in one clause: far from each other they are about two things."""
SAFE = (
    rf"\b(?:no|not|never|without|free of|avoids?|prevents?|zero) (?:(?:an?|any|obvious|more|longer) )?(?:{BARED})"
    rf"|\bno (?:{SENSITIVE}) (?:(?:is|are|was|were) )?(?:{BARED}|found)"
    r"|\b(?:if|when|once|should) (?:\w+ ){0,4}(?:is |are |were |gets? )?(?:leaked|leaks|exposed|compromised|stolen)\b"
    r"|(?:如果|若|一旦|万一)[^,，。;；]{0,8}(?:泄漏|泄露|洩露|洩漏|暴露)"
    rf"|(?:没有|未发现|未见|不存在|无|防止|避免|即使)[^,，。;；]{{0,6}}(?:{BARED})"
)
"""That there is no such thing, that something else would keep it from harm, or what would come of it if there were."""
MOVING = (
    r"\bhttps?\b(?!:)|in transit|over the (?:wire|network)|明文传输|传输|\bresponses?\b|响应|(?<!git )\blogs?\b|日志"
    r"|返回|输出|打印"
    r"|\b(?:no|without|missing|lacks?|disabled?) (?:m?tls|ssl)\b|\b(?:m?tls|ssl) (?:is )?(?:disabled|off|missing|not)\b"
    r"|\btransmi(?:t|ssion)|\bunencrypted (?:traffic|connections?|channels?)"
    r"|\b2fa\b|\bmfa\b|(?:two|multi).factor|[双多]因素|design tokens?|placeholder"
)
"""Secrets that a program lets out while it runs, or other ways to keep them: no file holds one."""
OTHERS = (
    r"hard.?coded (?:(?!pass|secret|token|key|cred|api)[\w-]+ ){0,2}"
    r"(?:urls?|uris?|endpoints?|paths?|hosts?|hostnames?|ports?|ips?|address(?:es)?|limits?|timeouts?|colou?rs?|strings?)\b"
    r"(?!,| (?:and|&|with|or)\b)|硬编码的?(?:服务)?(?:url|地址|路径|端口|主机|超时)(?![和与、,，及])"
)
"""What is hard-coded and no secret, whatever chapter it stands in."""
HELD = f"{SAFE}|{MOVING}|{OTHERS}"
CHECKED = r"\b(?:un|not )?validat|验证|校验|\bmust be set|未设置"
"""What is said of reading a secret, and not of keeping one."""
LENGTH = r"\blines?\b(?!\s*\d)|(?<!第)(?<!第 )(?<![\d,–~到至-])\d[\d,]* ?[多余]?行|行数|代码行|[百千]多?行"
"""How many lines there are, and not which ones: "700 lines", not "lines 7-9"."""
STORE = (
    r"postgres|mysql|mariadb|redis|clickhouse|mongo|elasticsearch"
    r"|opensearch|rabbitmq|etcd|cassandra|数据库|databases?\b"
)
ALONE = (
    r"single[- ]?(?:replica|instance|node|point)|one replica"
    r"|\b1 replica|replicas?\s*[:=]\s*1\b|单实例|单副本|单节点|单点(?!登)"
    r"|no (?:replicas?|failover|standby|redundancy)|无冗余"
)


@dataclass(frozen=True, slots=True)
class Signal:
    """Patterns that together point to a rule, and how surely, 0..1."""

    confidence: float
    patterns: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None = None


def _signal(confidence: float, *patterns: str, unless: str = "") -> Signal:
    return Signal(confidence, tuple(re.compile(p) for p in patterns), re.compile(unless) if unless else None)


RULES: dict[str, tuple[Signal, ...]] = {
    "secrets/plaintext": (
        _signal(
            0.9,
            BARED,
            SENSITIVE,
            NEARBY,
            unless=HELD,
        ),
        _signal(0.75, r"\brotat(?:e|ing|ion)\b|轮换|更换|\brevoke|吊销", SENSITIVE, unless=r"\b(?:jwt|refresh)\b"),
        _signal(
            0.75, r"\bgit\b|\brepo", r"history|历史|filter-(?:branch|repo)", rf"{SENSITIVE}|敏感|secret", unless=SAFE
        ),
        _signal(
            0.65,
            r"secrets? ?manager|hashicorp vault|\b(?:to|into|use|using|via|with) vault\b(?!s| \w+ed)"
            r"|(?:迁移到|使用|引入|接入|改用) ?vault\b|sealed-?secrets|\bsops\b",
        ),
        _signal(
            0.6, SENSITIVE, r"config ?map|\.env\b|\.ya?ml|manifests?\b|in git|仓库|提交到", unless=f"{HELD}|{CHECKED}"
        ),
        _signal(0.4, r"external-secrets"),
    ),
    "clickhouse/open-network": (
        _signal(0.95, r"clickhouse|\bch\b", r"0\.0\.0\.0|::/0"),
        _signal(
            0.7,
            r"clickhouse",
            r"open to|\badmits?\b|internet|whole world|everybody|everyone|public|any ip|all ips|any(?:where| host)"
            r"|unrestricted|开放|公网|全世界|任意 ?ip|所有 ?ip",
        ),
        _signal(0.6, r"clickhouse", r"network|网络|白名单|allow.?list"),
    ),
    "kubernetes/ephemeral-state": (
        _signal(0.9, r"empty ?dir"),
        _signal(0.8, STORE, r"\bpvcs?\b|elasticache|persistent ?(?:volume|storage)|memorydb"),
        _signal(
            0.8,
            STORE,
            r"(?:\bno|\bnot|without|lacks?|missing|non)[- ](?:\w+ )?persist|ephemeral"
            r"|(?:没有|未|无|缺少|不)[^,，。;；]{0,4}持久",
            unless=r"持久(?:化)?层|persistence layer",
        ),
        _signal(
            0.65, r"数据持久化|data persistence|persistent (?:storage|volume)|lost on restart|重启.{0,12}(?:丢失|清空)"
        ),
    ),
    "kubernetes/single-replica-state": (
        _signal(0.9, STORE, ALONE),
        _signal(
            0.75,
            STORE,
            r"multi-?az|high availability|高可用|failover|"
            r"(?:\bto|\buse|\busing|到|用) ?(?:aws |amazon )?rds\b|aurora|主从|standby|replica set",
        ),
    ),
    "rust/web-framework-split": (
        _signal(0.9, r"actix", r"axum|rocket|warp|tide|poem"),
        _signal(0.85, r"web.?(?:framework|框架)|(?:two|both|2|两个?|两套|多个?) ?(?:web )?(?:frameworks|框架)", r""),
        _signal(0.6, r"frameworks?|框架", r"split|unif|consolidat|inconsistent|standardi|分裂|统一|混用|不一致"),
    ),
    "kafka/under-replicated-topic": (
        _signal(0.9, r"kafka|\btopics?\b|redpanda", r"replica|副本|\bisr\b|insync|in-sync"),
        _signal(0.8, r"kafka|\btopics?\b|redpanda", r"(?:one|single|1)[- ]broker|单 ?(?:broker|节点)"),
        _signal(0.85, r"min\.insync|replication[-_. ]?factor|under-?replicated"),
    ),
    "clickhouse/oltp-mirror": (
        _signal(
            0.9,
            r"clickhouse|\bolap\b",
            r"oltp|\bcdc\b|mirror|mergetree|soft.?delete|冗余|维度|镜像|用途|misuse|row store|事件流",
        ),
        _signal(0.65, r"clickhouse", r"schema|\btables?\b|表"),
        _signal(0.75, r"\w_cdc\b|replacingmergetree|collapsingmergetree"),
    ),
    "rust/n-plus-one": (
        _signal(
            0.95, r"\bn ?\+ ?1\b", unless=r"\b(?:no|avoids?|without|prevents?) n ?\+ ?1|(?:避免|没有|无) ?n ?\+ ?1"
        ),
        _signal(0.6, r"quer(?:y|ies)|fetch|loads?\b|查询|批量接口", r"\bbatch|批量"),
        _signal(
            0.75,
            r"quer(?:y|ies)|\bawait|查询|lookups?",
            r"in a loop|inside (?:a|the) loop|per row|for each|each row|循环|逐条|逐个",
        ),
    ),
    "rust/mutex-wrapped-connection": (
        _signal(0.95, r"mutex|rwlock", r"connection|multiplexed|\bpool|redis|连接"),
        _signal(0.6, r"\block|锁", r"redis|connection|连接", r"wrap|包装|竞争|contention|多余|redundant|unnecessary"),
    ),
    "rust/duplicate-error-conversion": (
        _signal(0.9, r"impl from<.*error|sqlstate|\b23505\b"),
        _signal(
            0.85,
            r"errors?[- ](?:handling|conversions?|mapping|enums?|types?|impl\w*|code)\b"
            r"|impl\w*.{0,20}\berrors?\b|错误(?:处理|转换|映射|类型|实现)",
            r"duplicat|repeat|copy|copies|重复|conversion|转换",
            unless=r"on duplicate|duplicate (?:key|entry)",
        ),
    ),
    "events/version-equality": (
        _signal(
            0.9,
            r"event|schema|message|事件|消息",
            r"version|版本",
            r"compat|equal|==|兼容|相等|控制|evolution|演进|hard.?coded",
        ),
        _signal(0.8, r"is_compatible"),
        _signal(0.8, r"schema_version", r"\bevents?\b|envelope|compa[tr]|equal|[=!]=|事件|消息|兼容|相等|比较"),
    ),
    "rust/oversized-main": (
        _signal(0.95, r"main\.rs", rf"{LENGTH}|long|large|huge|oversi|\bbig\b|split|monolith|臃肿|过长|拆分"),
        _signal(0.75, r"app ?builder"),
        _signal(
            0.75,
            r"start-?up|bootstrap|启动",
            r"\bhell\b|地狱|builder|混在|bloat|tangled|(?<!\d)\d+ ?个?(?:步骤|steps)",
        ),
        _signal(0.5, r"(?<![/\w])main\.rs"),  # with its folder it only says where something else is
    ),
    "protobuf/unversioned-package": (
        _signal(0.9, r"\bproto(?:s|buf\w*)?\b|grpc", r"version|版本|\bv1\b"),
        _signal(0.5, r"package \w+(?:\.\w+)*;"),
    ),
    "postgres/low-cardinality-index": (
        _signal(0.95, r"low.?(?:cardinality|selectivity)|低基数|低选择性|选择性(?:太|很|较)?(?:差|低)"),
        _signal(0.85, r"\bindex(?:es)?\b|索引", r"\bbool(?:ean)?\b|布尔|\benum|枚举"),
        _signal(0.75, r"over-?index|过度索引|(?:useless|redundant|unneeded) index|无用索引"),
    ),
    "kustomize/patch-sprawl": (
        _signal(0.95, r"kustomiz|argo ?cd|overlay", r"patch"),
        _signal(0.85, r"patchesstrategicmerge|patches ?json6902|patch (?:hell|sprawl)"),
        _signal(0.75, r"kustomize", r"simplif|简化|too many|sprawl|重构|refactor"),
    ),
    "kubernetes/inline-shell-job": (
        _signal(0.9, r"cron ?job|\bjobs?\b|rotator", r"shell|scripts?\b|bash|脚本"),
        _signal(0.9, r"sts.?rotator"),
        _signal(0.7, r"shell|bash|脚本", r"ya?ml|manifest|inline|内嵌|内联"),
    ),
    "kubernetes/single-replica-service": (
        _signal(
            0.85,
            r"services?\b|deployments?\b"
            r"|微服务|服务|\bpods?\b",
            ALONE,
            unless=STORE + "|kafka|broker|topic",
        ),
    ),
}
