"""What is known of texts that were aged out."""

from __future__ import annotations

# `pruned_at`: when the text was taken away; a text that comes again takes it back. The index finds what may still be aged out, by
# the time since which we have it, and answers without a text what the view `new_sentences` counts by.
AGES = """
ALTER TABLE articles ADD COLUMN pruned_at TEXT;
CREATE INDEX articles_aging ON articles(pruned_at, coalesce(fetched_at, filed_at), relation, state, outlet, language, agency);
CREATE INDEX pages_aging ON pages(fetched_at);
CREATE TRIGGER articles_text_again AFTER UPDATE OF text ON articles WHEN new.text != '' AND new.pruned_at IS NOT NULL BEGIN
  UPDATE articles SET pruned_at = NULL WHERE id = new.id; END
"""
