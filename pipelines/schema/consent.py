"""What pages reserve for their publishers."""

from __future__ import annotations

RESERVATIONS = """
ALTER TABLE articles ADD COLUMN reservations TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN reservations TEXT NOT NULL DEFAULT '';
"""
