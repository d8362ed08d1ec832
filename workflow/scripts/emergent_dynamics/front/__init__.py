"""The front page: one offline file that shows every system's question, answer, figures and numbers beside theory.

It contains nothing about any system: `<system>/front.py` states its question and how its headlines answer it.
"""
