"""The fault programme: seeded schedules of everything that can go wrong while sending, judged by a ledger of its own.

`python -m tests.faults --schedules 2000 --seed 0`; `--only SEED` replays one.
"""
