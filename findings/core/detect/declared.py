"""What is declared to be kept secret, with its value beside it: parameters of Terraform, CloudFormation, ARM, Bicep,
Jenkins and Ansible, whatever they are called.
"""

import re

from findings.core.detect.dialect import EVERY, Dialect

# Who signs in and where may be kept secret too.
_OPEN = (
    r"(?i:user(?:name)?|login|e?mail|host(?:name)?|id|ids|region|zone|domain|url|endpoint|arn|name|account|address"
    r"|cidr|ip)"
)
_NAME = rf"[\"'](?![\w\-]*(?<![A-Za-z]){_OPEN}[\"'])[\w\-]+[\"']"
_BEGUN = r"[\"'][^\"'\s$<{]{4}"
_SOUND = r"(?![a-z]{2}-[a-z]+-\d\b)(?=[^\"'\s]*\d)(?=[^\"'\s]*[A-Za-z])[^\"'\s$<{]{6,}"
_TRUE = r"[\"']?(?i:true|yes)[\"']?"
_ASIDE = r"(?:[ \t]+[A-Za-z]\w*:[^\n]*\n){0,6}"  # of YAML, on the same height
_SECURE = r"\"type\"\s*:\s*\"(?i:secure_?(?:string|object))\""

DECLARED = (
    Dialect(
        "sensitive",  # variable "…" { sensitive = true … default = "…" }
        (
            rf"\bvariable\s+\"[\w\-]+\"\s*{{[^{{}}]*\bsensitive\s*=\s*true\b[^{{}}]*\bdefault\s*=\s*{_BEGUN}",
            rf"\bvariable\s+\"[\w\-]+\"\s*{{[^{{}}]*\bdefault\s*=\s*{_BEGUN}[^{{}}]*\bsensitive\s*=\s*true\b",
            rf"{_SECURE}\s*,\s*\"defaultValue\"\s*:\s*{_BEGUN}",
            rf"\"NoEcho\"\s*:\s*{_TRUE}\s*,[^{{}}]*\"Default\"\s*:\s*{_BEGUN}",
            rf"\"Default\"\s*:\s*{_BEGUN}[^{{}}]*\"NoEcho\"\s*:\s*{_TRUE}",
            rf"\bpassword\(\s*name:\s*[\"']\w+[\"']\s*,\s*defaultValue:\s*{_BEGUN}",
        ),
        re.compile(
            rf"\bvariable\s+{_NAME}\s*{{(?=[^{{}}]*\bsensitive\s*=\s*true\b)[^{{}}]*\bdefault\s*=\s*\"(?P<value>{_SOUND})\""
            r"(?:[^{}]*\bsensitive\s*=\s*true\b)?"
            rf"|{_SECURE}\s*,\s*\"defaultValue\"\s*:\s*\"(?P<acl>{_SOUND})\""
            rf"|\"NoEcho\"\s*:\s*{_TRUE}\s*,[^{{}}]*\"Default\"\s*:\s*\"(?P<redis>{_SOUND})\""
            rf"|\"Default\"\s*:\s*\"(?P<mysql>{_SOUND})\"[^{{}}]*\"NoEcho\"\s*:\s*{_TRUE}"
            rf"|\bpassword\(\s*name:\s*[\"']\w+[\"']\s*,\s*defaultValue:\s*[\"'](?P<ssh>{_SOUND})[\"']"
        ),
        kinds=EVERY,
        key="password",
        before=12,
        coded=True,
        leading=True,
    ),
    Dialect(
        "unechoed",  # NoEcho: true above Default: …
        (
            rf"\bNoEcho:[ \t]*{_TRUE}[ \t]*\n{_ASIDE}[ \t]+Default:[ \t]*[\"']?[^\s\"'$<{{!]{{4}}",
            rf"\bDefault:[ \t]*[\"']?[^\s\"'$<{{!][^\s\"'$<{{]{{3,}}[\"']?[ \t]*\n{_ASIDE}[ \t]+NoEcho:[ \t]*{_TRUE}",
            rf"\bprivate:[ \t]*{_TRUE}[ \t]*\n{_ASIDE}[ \t]+default:[ \t]*[\"']?[^\s\"'$<{{!]{{4}}",
            r"@secure\(\)\s*(?:@[^\n]*\n\s*){0,3}param[ \t]+\w+[ \t]+string[ \t]*=[ \t]*'[^'\s$]{4}",
        ),
        re.compile(
            rf"\bNoEcho:[ \t]*{_TRUE}[ \t]*\n{_ASIDE}[ \t]+Default:[ \t]*[\"']?(?P<value>{_SOUND})[\"']?[ \t]*$"
            rf"|\bDefault:[ \t]*[\"']?(?P<acl>{_SOUND})[\"']?[ \t]*\n{_ASIDE}[ \t]+NoEcho:[ \t]*{_TRUE}"
            rf"|\bprivate:[ \t]*{_TRUE}[ \t]*\n{_ASIDE}[ \t]+default:[ \t]*[\"']?(?P<redis>{_SOUND})[\"']?[ \t]*$"
            rf"|@secure\(\)\s*(?:@[^\n]*\n\s*){{0,3}}param[ \t]+\w+[ \t]+string[ \t]*=[ \t]*'(?P<ssh>{_SOUND})'"
        ),
        kinds=EVERY - {"code"},
        key="password",
        before=8,
        coded=True,
        leading=True,
    ),
)
