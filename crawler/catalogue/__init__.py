"""Keeping the catalogue right: are its sources alive, did they move, what would a new outlet's block say."""
