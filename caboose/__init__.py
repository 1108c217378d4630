"""Caboose runs Alibaba Cloud OOS templates as durable Temporal workflows.

``oos`` is the template language, ``engine`` the interpreter, ``store`` the SQL store, ``simulator`` the stand-in for
the outside world, ``cli`` the command. The first two are pure: they neither read a clock nor touch a file.
"""
