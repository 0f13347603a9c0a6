"""Every knob, once. All can be overridden with `-s NAME=VALUE`; paths are anchored at the project's root."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

BOT_NAME = "nachlese"
SPIDER_MODULES = ["crawler.spiders"]
COMMANDS_MODULE = "crawler.commands"

# --- the story, the outlets, the database
STORY = str(PROJECT / "seeds" / "story.toml")
SOURCES = str(PROJECT / "crawler" / "sources.toml")
DATABASE = str(PROJECT / "data" / "news.db")
REPORT = ""  # where a run's report goes: a path, or an http(s) URL that takes it as POST

# --- where a crawl may go
ALLOW_PRIVATE_ADDRESSES = False  # True, or networks such as 127.10.0.0/16: a crawl may connect to them, on any port with True

# --- manners: who asks, how often
CONTACT = os.environ.get("CONTACT", "")  # a page or address where an outlet can reach the operator; a crawl needs it
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0  # seconds between two requests to a host
DOWNLOAD_DELAY_JITTER = 0.5  # times 0.5 to 1.5 of it
CONCURRENT_REQUESTS = 64  # hosts in parallel, one request each
COOKIES_ENABLED = False
REFERRER_POLICY = "no-referrer"
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # 429 and 503 say themselves when to come again
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024  # bytes; Scrapy's own limit is a gigabyte
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
HTTPERROR_ALLOW_ALL = True  # the spider gives every answer a verdict
DOWNLOAD_HANDLERS = {"file": None, "data": None, "ftp": None, "s3": None}
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.8,*/*;q=0.5",
    "Accept-Language": "de,en;q=0.7,*;q=0.5",
}

# --- the journey of an article: read it, file it
ITEM_PIPELINES = {
    "pipelines.read.ReadPipeline": 100,
    "pipelines.file.FilePipeline": 200,
}
READ_PROCESSES = -1  # one a core; 0 reads in the crawl's own process
READ_TIMEOUT = 10  # seconds a page may take
STORE_PAGES = True  # keep fetched pages, compressed, for replay
SITEMAP_DAYS = 3  # that an entry of a plain sitemap may be old
SITEMAP_FILES = 1000  # of indexes in a run; at a second each a quarter of an hour for the outlet that has so many
SITEMAP_ENTRIES = 50_000  # of one index filed at once, as many as one sitemap may have
POLL_FASTEST = 300  # seconds between two fetches of a busy source; 0: every source is due in every run
POLL_SLOWEST = 4 * 3600  # of a sleepy one
LOOKS_PER_OUTLET = 20  # filed articles looked at again in one run
RETRY_FAILED_AFTER = 3600  # seconds until a URL that could not be fetched is tried again

# --- searching elsewhere
ARCHIVE_INDEX = "https://web.archive.org/cdx/search/cdx"  # what captures of a listing there are (CDX server API)
ARCHIVE_CAPTURE = "https://web.archive.org/web/{at}id_/{url}"  # one of them, as it was
ARCHIVE_MAXSIZE = 2 * 1024**3  # bytes of a WARC file that is downloaded; those of CC-NEWS have about 1 GB
GDELT_API = "https://api.gdeltproject.org/api/v2/doc/doc"
GDELT_DELAY = 5.0  # seconds: "Please limit requests to one every 5 seconds"

# --- what runs beside
EXTENSIONS = {
    "crawler.extensions.Faults": 100,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,  # a server that evaluates Python; not even loaded: that takes .2 s
}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
LOG_SHORT_NAMES = True
