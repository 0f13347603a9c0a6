"""Our commands, each a module that Scrapy finds by its name."""

from pipelines.worker import seldom_look_for_cycles

seldom_look_for_cycles()  # Scrapy now imports them all, and what is imported has no cycles that matter: a tenth of a second
