"""Fuzzing of whatever reads files of others: `make fuzz`, or `python -m fuzzing [TARGET ...]`.

A target takes any bytes, makes a file of them, and hands it to a reader. That may refuse the file
by its own documented error, or give an answer that holds; anything else is a finding.
"""
