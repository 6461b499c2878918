"""What each built-in rule is about, in words that tell it from the others: a store's name alone says nothing of what is
wrong with the store. English and Chinese, folded.
"""

import re

from remediation.core.review.rulebook import LENGTH

FEW = (
    r"\breplicas?\b|\bcop(?:y|ies)\b|\b(?:single|only one|just one|sole|lone|one|1) (?:pod|instance|node|server)s?\b"
    r"|\bsingle\b|redundan|fail-?over|stand-?by|high.?availab|\bha\b|\bspof\b|副本|单点|单实例|单节点|实例|冗余|高可用|主从|备份节点"
)
ERRORS = r"\berrors?\b.{0,40}(?:conver|map|copy|copies|cop(?:y|ied)|duplicat|repeat|twice|again)|impl from|sqlstate"
SUBJECTS = {
    key: re.compile(words)
    for key, words in {
        "secrets/plaintext": r"passw|secrets?\b|credential|token|api.?key|private key|密码|密钥|金钥"
        r"|凭据|凭证|口令|令牌",
        "clickhouse/open-network": r"network|internet|public|any (?:ip|host|address)|everybody|everyone|\bopen\b"
        r"|whole world|allow.?list|unrestricted|网络|公网|开放|白名单|任意|所有 ?ip",
        "kubernetes/ephemeral-state": r"empty ?dir|persist|ephemeral|volatile|durab|\bpvcs?\b|volumes?\b|restart"
        r"|(?:los[est]\w*|forgets?|wip\w+|gone|vanish\w*|disappear\w*)\b.{0,30}(?:data|state|content|ind(?:ex|ices)|everything|all\b)"
        r"|(?:data|state|content|index|everything)\b.{0,30}(?:los[est]|gone|wiped|vanish|disappear)"
        r"|丢失|丢数据|丢掉|清空|持久|重启|存储卷|临时",
        "kubernetes/single-replica-state": FEW,
        "kubernetes/single-replica-service": FEW,
        "rust/web-framework-split": r"frameworks?\b|actix|axum|rocket|\bwarp\b|框架",
        "kafka/under-replicated-topic": r"replica|\bisr\b|insync|in-sync|\bcop(?:y|ies)\b|(?:one|single|1) broker"
        r"|副本|单 ?broker",
        "clickhouse/oltp-mirror": r"oltp|\bcdc\b|mirror|mergetree|soft.?delete|misuse|row store|transaction"
        r"|镜像|冗余|事务|用途",
        "rust/n-plus-one": r"\bn ?\+ ?1\b|quer(?:y|ies)\b|in a loop|\bloops?\b|per row|for each|each row"
        r"|one by one|round.?trips?"
        r"|\bbatch|查询|循环|逐条|逐个|批量",
        "rust/mutex-wrapped-connection": r"mutex|rwlock|\block(?:s|ed|ing)?\b|contention|serialis|serializ"
        r"|one at a time|锁|竞争|串行",
        "rust/duplicate-error-conversion": rf"{ERRORS}|错误.{{0,12}}(?:重复|转换|映射)|重复.{{0,12}}错误",
        "events/version-equality": r"version|compat|evolution|版本|兼容|演进",
        "rust/oversized-main": rf"(?<![/\w])main\.rs|{LENGTH}|too (?:long|large|big)|\b(?:long|large|huge|big)\b"
        r"|oversi|monolith|bloat|start-?up|过长|臃肿|拆分|启动",
        "protobuf/unversioned-package": r"version|\bv1\b|\bpackages?\b|版本|包名",
        "postgres/low-cardinality-index": r"\bind(?:ex|exes|ices)\b|cardinality|selectiv|索引|基数|选择性",
        "kustomize/patch-sprawl": r"patch|overlay|sprawl|补丁|覆盖层",
        "kubernetes/inline-shell-job": r"shell|scripts?\b|\bbash\b|inline|脚本|内嵌|内联",
    }.items()
}
OTHER = re.compile(
    r"\b(?:memory|cpu|resource|rate|file) ?limits?\b|\blimits?\b|\bprobes?\b|\bliveness|\breadiness|health.?checks?\b"
    r"|\brbac\b"
    r"|privileged|as root|securitycontext|image tags?\b|:latest|\blatest\b|\btls\b|\bmtls\b|\bcors\b|\bcsrf\b"
    r"|time-?outs?\b"
    r"|\bretr(?:y|ies)\b|\bunwrap\b|\bpanics?\b|\bunsafe\b|coverage\b|unit tests?\b|\bcomments?\b|\btypos?\b|\bdocument"
    r"|\bnaming"
    r"|deprecat|outdated|licen[cs]e|\blogg?(?:s|ing)?\b|metrics|\balert|tracing|back-?ups?\b|injection|\bxss\b|\bauthent"
    r"|\bauthori"
    r"|\bingress|namespace|affinity|quota|\blabels?\b|annotation"
    r"|network ?polic|\bpin(?:ned|ning)?\b|\btags?\b|encrypt|validat|sanitiz|paginat|reversib|roll-?back|permission"
    r"|探针|健康检查|限流|资源限制|内存|超时|重试|特权|注入|鉴权|认证|授权|日志|监控|告警|备份(?!节点)|注释|文档|测试|命名|过时|弃用|配额|网络策略|权限|加密|校验|分页|回滚|镜像标签"
)
"""What people say of the same lines that no rule of ours looks at."""


def speaks_of(rule: str, text: str) -> bool:
    """Whether a folded text has a word of what the rule is about."""
    words = SUBJECTS.get(rule)
    return bool(words and words.search(text))
