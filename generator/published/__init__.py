"""Finished disclosures held against the rules: read from Word, Excel or PDF, understood, checked, reported, marked.

extract → blocks (paragraphs and grids with their places) → tables → facts, claims → checks → findings → report, marked copy
"""
