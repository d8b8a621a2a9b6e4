"""Confining the command of a step, and watching it, with what the Linux kernel offers.

`confined` and `unconfined` run jobs, `job` says what those are. What runs inside starts in a fresh
interpreter (`inside`), which imports the standard library and the modules here that name no other.
"""
