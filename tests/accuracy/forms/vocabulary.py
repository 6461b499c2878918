"""What drawn reviews speak of: findings, scales, labels and headings, in English and Chinese."""

from dataclasses import dataclass

from remediation.core.review.words import TRADITIONAL

TO_TRADITIONAL = {simplified: traditional for traditional, simplified in TRADITIONAL.items()}
"""Simplified characters of our vocabulary -> traditional ones."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and what mends it."""

    path: str
    title: str
    fix: str


@dataclass(frozen=True, slots=True)
class Words:
    """What one language calls the parts of a review. Labels and headings are alternatives to draw from."""

    problems: tuple[Problem, ...]
    scales: dict[str, tuple[tuple[str, str], ...]]
    level_heads: tuple[str, ...]
    findings_head: tuple[str, ...]
    chapters: tuple[str, ...]
    place: tuple[str, ...]
    line: tuple[str, ...]
    told: tuple[str, ...]
    impact: tuple[str, ...]
    fix: tuple[str, ...]
    level: tuple[str, ...]
    places: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    said: dict[str, str]


ENGLISH = Words(
    problems=(
        Problem("src/tides/table.py", "Tide table is read twice", "keep it for the day"),
        Problem("net/buoy/listen.go", "Buoy listener never gives up", "stop after five tries"),
        Problem("web/src/Harbour.tsx", "Harbour map redraws on each scroll", "remember the tiles"),
        Problem("internal/locks/gate.go", "Lock gate has no time limit", "set a deadline"),
        Problem("billing/mooring.rs", "Mooring fees are added up as floats", "count in cents"),
        Problem("server/upload/chart.js", "Chart upload accepts any file type", "list what is allowed"),
        Problem("api/pilots/search.py", "Pilot search joins input into SQL", "bind the parameters"),
        Problem("deploy/k8s/ferry.yaml", "Ferry container runs as root", "name a user in the image"),
    ),
    scales={
        "words": (("Critical", "P0"), ("High", "P1"), ("Medium", "P2")),
        "codes": (("P0", "P0"), ("P1", "P1"), ("P2", "P2")),
        "blocker": (("Blocker", "P0"), ("Major", "P1"), ("Minor", "P2")),
        "must": (("Must Fix", "P0"), ("Should Fix", "P1"), ("Nice to Have", "P2")),
    },
    level_heads=(
        "{w}",
        "{w} Issues",
        "{w} Priority",
        "Severity: {w}",
        "Issues ({w})",
        "{p} — {w}",
        "[{w}]",
        "{w} ({n})",
    ),
    findings_head=("Findings", "Detailed Findings", "Issues", "Problems found"),
    chapters=("Security", "Reliability", "Performance"),
    place=("Location", "File", "Where", "Affected file", "Found in"),
    line=("Line", "Lines", "Line numbers"),
    told=("Problem", "Issue", "Description", "Details"),
    impact=("Impact", "Risk", "Consequence", "Why it matters"),
    fix=("Fix", "Recommendation", "Suggested fix", "Solution", "Remediation"),
    level=("Severity", "Priority", "Level", "Risk level"),
    places=(
        "`{path}:{a}-{b}`",
        "{path}:{a}-{b}",
        "`{path}` (lines {a}-{b})",
        "`{path}`, L{a}-L{b}",
        "lines {a}-{b} of `{path}`",
        "[{path}]({path}#L{a}-L{b})",
        "`{path}` → lines {a}–{b}",
        "`{path}` [{a}-{b}]",
    ),
    columns={
        "title": ("Issue", "Finding", "Problem", "Description"),
        "level": ("Severity", "Priority", "Level"),
        "place": ("Location", "File", "File:Line", "Where"),
        "fix": ("Fix", "Recommendation", "Solution"),
    },
    said={
        "title": "Review of the harbour",
        "sentence": "In {place} the value is kept.",
        "told": "It is kept and grows.",
        "impact": "Skippers see old data.",
        "summary": "Executive Summary",
        "counts": "| Severity | Count |",
        "titles": "| # | Issue | Severity |",
        "legend": "Legend",
        "glossary": "Glossary",
        "term": "**Berth**: where a ship lies",
        "scores": "| Area | Score |\n|---|---|\n| Security | 6/10 |\n| Tests | 4/10 |",
        "top": "The most important points:",
        "plan": "Action plan",
        "first": "Week 1",
        "second": "Week 2",
        "tasks": "| Priority | Task | Effort |",
        "checklist": "Checklist",
        "praise": "Strengths",
        "good": "- **Tests**: well named\n- Clear folders",
        "risks": "Risk assessment",
        "ranks": "Priority summary",
        "cut": "| Priority | Issue | Effort |",
        "conclusion": "Conclusion",
        "start": "Start with these:",
        "metrics": "Metrics",
        "sizes": "| File | Lines | Complexity |",
        "sample": "Appendix",
        "high": "High risk",
        "fields": "| Field | Value |",
        "reasons": "| Priority | Change | Effort | Why |",
        "order": "Fix order",
    },
)

CHINESE = Words(
    problems=(
        Problem("src/tides/table.py", "潮汐表被读取两次", "按天缓存"),
        Problem("net/buoy/listen.go", "浮标监听从不放弃", "最多尝试五次"),
        Problem("web/src/Harbour.tsx", "港口地图滚动时反复重绘", "记住已绘制的图块"),
        Problem("internal/locks/gate.go", "船闸没有时间上限", "设置截止时间"),
        Problem("billing/mooring.rs", "泊位费用浮点数累加", "改用整数分"),
        Problem("server/upload/chart.js", "海图上传接受任意文件类型", "维护白名单"),
        Problem("api/pilots/search.py", "引水员搜索直接拼接 SQL", "使用绑定参数"),
        Problem("deploy/k8s/ferry.yaml", "渡轮容器以 root 运行", "在镜像中指定用户"),
    ),
    scales={
        "fatal": (("致命", "P0"), ("严重", "P1"), ("一般", "P2")),
        "high": (("高", "P1"), ("中", "P2"), ("低", "P2")),
        "codes": (("P0", "P0"), ("P1", "P1"), ("P2", "P2")),
        "major": (("阻断", "P0"), ("主要", "P1"), ("次要", "P2")),
        "danger": (("高危", "P1"), ("中危", "P2"), ("低危", "P2")),
    },
    level_heads=(
        "{w}问题",
        "{w}级问题",
        "{w}优先级",
        "严重程度：{w}",
        "【{w}】问题",
        "问题（{w}）",
        "{w}问题（{n} 个）",
        "发现的{w}问题",
    ),
    findings_head=("问题清单", "发现的问题", "详细问题", "问题列表"),
    chapters=("安全性", "可靠性", "性能"),
    place=("位置", "文件", "文件位置", "代码位置", "涉及文件"),
    line=("行号", "行数", "所在行"),
    told=("问题", "描述", "问题描述", "现象"),
    impact=("影响", "风险", "后果", "危害"),
    fix=("建议", "修复建议", "解决方案", "改进建议", "修复方案"),
    level=("严重程度", "优先级", "级别", "风险等级"),
    places=(
        "`{path}:{a}-{b}`",
        "`{path}` 第 {a}-{b} 行",
        "`{path}`（第 {a}-{b} 行）",
        "{path} 第{a}-{b}行",
        "`{path}` 的第 {a}-{b} 行",
        "`{path}` 第 {a} 至 {b} 行",
        "第 {a}-{b} 行，`{path}`",
        "`{path}` L{a}-L{b}",
    ),
    columns={
        "title": ("问题", "问题描述", "缺陷", "说明"),
        "level": ("严重程度", "优先级", "级别", "等级"),
        "place": ("位置", "文件", "文件/行号", "代码位置"),
        "fix": ("建议", "修复建议", "解决方案"),
    },
    said={
        "title": "港口系统代码审查报告",
        "sentence": "在 {place} 中保留了该值。",
        "told": "该值被保留并不断增长。",
        "impact": "船长会看到旧数据。",
        "summary": "执行摘要",
        "counts": "| 级别 | 数量 |",
        "titles": "| # | 问题 | 级别 |",
        "legend": "图例",
        "glossary": "术语",
        "term": "**泊位**：船停靠的地方",
        "scores": "| 维度 | 评分 |\n|---|---|\n| 安全性 | 6/10 |\n| 测试 | 4/10 |",
        "top": "最重要的几点：",
        "plan": "修复计划",
        "first": "第一周",
        "second": "第二周",
        "tasks": "| 优先级 | 任务 | 工时 |",
        "checklist": "检查清单",
        "praise": "优点",
        "good": "- **测试**：命名规范\n- 目录清晰",
        "risks": "风险评估",
        "ranks": "优先级总结",
        "cut": "| 优先级 | 问题 | 工作量 |",
        "conclusion": "总结",
        "start": "建议先做：",
        "metrics": "代码指标",
        "sizes": "| 文件 | 行数 | 复杂度 |",
        "sample": "附录",
        "high": "高风险",
        "fields": "| 项目 | 内容 |",
        "reasons": "| 优先级 | 改动 | 工时 | 原因 |",
        "order": "修复顺序",
    },
)
