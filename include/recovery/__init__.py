"""Recoveries: what an operator does when something went wrong; one module for each, named like its DAG.

Each has a form, a plan and an application (`include.recovery.recovery.Recovery`). The plan says in words exactly what
would be done, computed from the state as it is, and changes nothing. The same classes serve a DAG with a form
(`dags/recover_*.py`) and the command line (`python -m include recover`).
"""
