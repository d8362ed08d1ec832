"""The front page: one offline file that shows every system's question, answer, figures and numbers beside theory.

It knows no system: a room says in `<system>/front.py` what its question is and how its headlines answer it.
"""
