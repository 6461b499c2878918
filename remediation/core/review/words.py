"""Text as the reader of reviews compares it: folded, without emoji, as weighted terms; and stable names for rows."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2s

# Only the traditional characters our vocabulary is written with: enough to read headings and labels, no dictionary.
TRADITIONAL = str.maketrans(
    "問題響復嚴級優階週時間個檔應議緊斷險預計費總結論評資務執內實現狀態發當後數據庫單檢驗項點決規劃線圖遷"
    "錯誤處過輪換碼訪鎖連寫讀權證憑環網雙雜條會違簡進達離難顯類產業場門開關閉無從與對為這來節約準備註釋詳"
    "細損壞災緩衝擴縮認識風標頻軟體報審長歲專紀錄積極動導繼續層樣區塊運維護許構築統協參複製獨鑰編鍵洩儲併"
    "佈彙遞軌終戶閱獲額餘負載測試腳稱補償帳"
    "鐘調組織節備叢聯隊尋術徑擊攔曆歷氣沒滯滿潛濾爭畫異療盡監盤確禦穩競筆範純給綜績罰聲職脫號裝視覽觀訂訊設"
    "話該語說請談講變責貼買購較輕輯輸轉辦遠適遲選還邊郵鏈錢閾隨隱電頁頂須領頭顧驅鬆麼齊僅證審員據庫"
    "順勢頸債薦刪啟見別簽賴暫強",
    "问题响复严级优阶周时间个档应议紧断险预计费总结论评资务执内实现状态发当后数据库单检验项点决规划线图迁"
    "错误处过轮换码访锁连写读权证凭环网双杂条会违简进达离难显类产业场门开关闭无从与对为这来节约准备注释详"
    "细损坏灾缓冲扩缩认识风标频软体报审长岁专纪录积极动导继续层样区块运维护许构筑统协参复制独钥编键泄储并"
    "布汇递轨终户阅获额余负载测试脚称补偿账"
    "钟调组织节备丛联队寻术径击拦历历气没滞满潜滤争画异疗尽监盘确御稳竞笔范纯给综绩罚声职脱号装视览观订讯设"
    "话该语说请谈讲变责贴买购较轻辑输转办远适迟选还边邮链钱阈随隐电页顶须领头顾驱松么齐仅证审员据库"
    "顺势颈债荐删启见别签赖暂强",
)
EMOJI = re.compile("[\U0001f000-\U0001faff☀-➿⬀-⯿⏩-⏺ℹ️⃣‍\ufffd]+")
"""Emoji, and what is left of one that was broken on its way."""
KEYCAP = re.compile("([0-9])️?⃣ ?")
COMMENT = re.compile(r"<!--.*?-->", re.S)
TAG = re.compile(r"</?(?:details|summary|div|span|p|font|b|i|u|sub|sup|kbd|center|a|img)\b[^<>]*>", re.I)
WORD = re.compile(r"[a-z0-9]+(?:\+\d+)?")
CJK = re.compile("[㐀-鿿]+")


def vocabulary(words: str) -> frozenset[str]:
    """The words between spaces: a set that is easier to read and to add to than a list of quoted strings."""
    return frozenset(words.split())


STOP = vocabulary("""
    a an and are as at be by for from in into is it its of on or so that the this to use we with all every each not no
    do does 1 2 3 4 5 6 7 8 9 0
""")


def simplify(text: str) -> str:
    """The text with the traditional characters of our vocabulary replaced by simplified ones."""
    return text.translate(TRADITIONAL)


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The text for comparison with the vocabulary: one width, simplified, lower case, single spaces."""
    return " ".join(simplify(unicodedata.normalize("NFKC", text)).casefold().split())


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """A title as a person would say it: without emoji, HTML, surrounding brackets and emphasis marks."""
    text = EMOJI.sub(" ", KEYCAP.sub(r"\1. ", TAG.sub(" ", COMMENT.sub(" ", text.replace("🔟", "10. ")))))
    text = " ".join(text.replace("**", "").replace("~~", "").split()).strip(" -—–|·")
    if text.startswith("【") and text.endswith("】") and text.count("【") == 1:
        text = text[1:-1].strip()
    return text


def is_traditional(text: str) -> bool:
    """Whether the text uses traditional characters rather than simplified ones."""
    return sum(a != b for a, b in zip(text, simplify(text), strict=True)) * 50 > len("".join(CJK.findall(text))) > 0


def language(text: str) -> str:
    """The language code of a report: "en", "zh-hans" or "zh-hant"."""
    han, latin = len("".join(CJK.findall(text))), len(re.findall("[A-Za-z]+", text))
    if han < 20 or han * 4 < latin:
        return "en"
    return "zh-hant" if is_traditional(text) else "zh-hans"


@lru_cache(maxsize=8192)
def terms(text: str) -> frozenset[str]:
    """What a text is about: lower-case words of letters and digits, and pairs of Han characters."""
    folded = fold(text)
    words = {w for w in WORD.findall(folded) if w not in STOP}
    pairs = {run[i : i + 2] for run in CJK.findall(folded) for i in range(max(1, len(run) - 1))}
    return frozenset(words | pairs)


def rarity(texts: Iterable[frozenset[str]]) -> dict[str, float]:
    """How telling each term is: log(1 + n / documents with it), the inverse document frequency of Sparck Jones."""
    documents = list(texts)
    counts: dict[str, int] = {}
    for document in documents:
        for term in document:
            counts[term] = counts.get(term, 0) + 1
    return {term: math.log(1 + len(documents) / count) for term, count in counts.items()}


def weigh(some: Iterable[str], weights: Mapping[str, float]) -> float:
    """The sum of the weights of some terms; a pair of Han characters counts half, since pairs overlap."""
    return sum(weights.get(t, 1.0) * (0.5 if CJK.match(t) else 1.0) for t in some)


def coverage(part: frozenset[str], whole: frozenset[str], weights: Mapping[str, float]) -> float:
    """How much of `part` is said in `whole`, 0..1 by weight."""
    total = weigh(part, weights)
    return weigh(part & whole, weights) / total if total else 0.0


@lru_cache(maxsize=32768)
def likeness(a: str, b: str) -> float:
    """How alike two titles are, 0..1: shared terms over the terms of the shorter one."""
    left, right = terms(a), terms(b)
    short = min(weigh(left, {}), weigh(right, {}))
    return weigh(left & right, {}) / short if short else 0.0


def normal(title: str) -> str:
    """A title without what changes between versions of a report: case, width, punctuation and figures."""
    return "".join(c for c in fold(clean(title)) if c.isalpha())


def short(title: str) -> str:
    """At most 60 characters of a title, for a notice."""
    return title if len(title) < 60 else title[:57] + "…"


def slug(label: str, title: str) -> str:
    """A stable name: the label where there is one, else the Latin words of the title and a hash of all of it."""
    if label:
        return re.sub(r"[^a-z0-9]+", "-", label.casefold()).strip("-")
    head = "-".join(re.findall(r"[a-z]{2,}", fold(clean(title)))[:4])[:40]
    digest = blake2s(normal(title).encode(), digest_size=4).hexdigest()
    return f"{head}-{digest}" if head else digest


def unique(name: str, taken: set[str]) -> str:
    """The name, or the name with the first free number behind it; it is taken afterwards."""
    candidate, n = name, 1
    while candidate in taken:
        n += 1
        candidate = f"{name}-{n}"
    taken.add(candidate)
    return candidate
