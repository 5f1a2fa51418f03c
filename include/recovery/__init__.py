"""Putting right what went wrong: one module for each situation, each with a plan and an execution (domain 6.8, 7.2).

A plan says in words exactly what would be done, computed from the state as it is, and changes nothing. The same plain
functions serve a DAG with a form (`dags/recover_*.py`) and the command line (`python -m include.recovery`).
"""
