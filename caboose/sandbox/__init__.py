"""The sandbox: programs of templates (jq, JMESPath, patterns), run in child processes that may die of them.

No check of a program's text can tell whether it ends or what it needs, and libjq can neither be interrupted nor
survive running out of memory. So programs run in children with limits and an empty environment (``child``). The parent
holds the other end of the pipe (``process``), keeps a few children warm and says what became of a program (``pool``).
Source: design section 2, "jq never runs in a worker's own process".
"""

from caboose.sandbox.pool import Sandbox, SandboxError

__all__ = ["Sandbox", "SandboxError"]
