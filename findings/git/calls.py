"""How git is called: without hooks, prompts, settings of others, or anything that reaches out."""

RENAMES = 2000
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

FETCH = ("--prune", "--no-tags", "--quiet", "--no-recurse-submodules", "--no-write-fetch-head", "--update-shallow")
SAFE = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
MAPS = ("-p", "-U0", "-M", f"-l{RENAMES}", "--diff-filter=MR")
PATCH = ("-p", "-U3")
WHO = ("--encoding=UTF-8", "--format=%H%x00%an%x00%ae%x00%cI%x00%s")

CONFIG = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.bigFileThreshold=16m",  # what is larger is not compared line by line: git would hold five times its size
    "log.showSignature=false",
    "safe.directory=*",
    "gc.auto=0",
)
COMMON = ("--no-pager", "--literal-pathspecs", *(word for setting in CONFIG for word in ("-c", setting)))
ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
