"""The mark of payloads that stay inline, however large: in a payload's metadata, for ``caboose.payloads`` to see.

Answers to queries carry it. They are in no history, so nothing has to be kept of them, and whoever asks by Temporal's
own CLI or UI wants the answer and not a reference to it.
"""

INLINE = "caboose-inline"
