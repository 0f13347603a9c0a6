"""What others publish, as they publish it: sitemaps, archives, snapshots, the answers of a search. Nothing here decides."""
