"""Calls to Alibaba Cloud: from a template's parameters to the selected outputs, and from a failure to its proof.

``activities.py`` holds the three activities; the other modules are plain code without Temporal, each one step of a
call: ``marshal`` (template names to a typed request), ``requests`` (the request to the wire), ``credentials``,
``transport``, ``failures``, ``paging``, ``lists``, ``targets``.
"""
