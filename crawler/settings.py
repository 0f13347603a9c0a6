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
DATABASE = os.environ.get("DATABASE") or str(PROJECT / "data" / "news.db")
FREE_DISK = 1024**3  # bytes `scrapy doctor` wants free beside the database; more if that is larger, for a backup to fit
LONGEST_RUN = 24 * 3600  # seconds after which `scrapy doctor` takes a run that still holds an outlet for one that hangs
HOSTS_REPORTED = 300  # in it, those with most requests first: twice as many as the catalogue has outlets
REPORT = ""  # where a run's report goes: a path, or an http(s) URL that takes it as POST

# --- where a crawl may go
TWISTED_DNS_RESOLVER = "crawler.guard.GuardedResolver"
ALLOW_PRIVATE_ADDRESSES = False  # True, or networks such as 127.10.0.0/16: a crawl may connect to them, on any port with True

# --- manners: who asks, how often
CONTACT = os.environ.get("CONTACT", "")  # a page or address where an outlet can reach the operator; a crawl needs it
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Nachlese"  # the product token; not the whole user agent: its address names words of other robots
ROBOTSTXT_MAXSIZE = 500 * 1024  # bytes that are read of it, and of a tdmrep.json; RFC 9309 wants no less
ROBOTSTXT_KEPT = 24 * 3600  # seconds; RFC 9309 wants no more
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0  # seconds between two requests to a host
DOWNLOAD_DELAY_JITTER = 0.5  # times 0.5 to 1.5 of it
CONCURRENT_REQUESTS = 64  # hosts in parallel, one request each
COOKIES_ENABLED = False
REDIRECT_MAX_TIMES = 5
METAREFRESH_MAXDELAY = 5  # seconds: what a page waits longer for is itself once more, as front pages do every few minutes
DUPEFILTER_CLASS = "crawler.budget.Once"
DOWNLOADER_MIDDLEWARES_BASE = {  # ours where Scrapy's do not suffice; its cookies, passwords and cache are left out
    "crawler.manners.Manners": 50,  # before robots.txt, which a resting host is not asked for either
    "crawler.robots.Robots": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "crawler.guard.Guard": 560,  # its word on an exception comes before that of the retries
    "crawler.redirects.Refreshes": 580,
    "crawler.handler.Decompression": 590,
    "crawler.redirects.Redirects": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
    "crawler.budget.Budget": 950,
}
SPIDER_MIDDLEWARES_BASE = {  # of Scrapy's six: the others hide errors, count depth, measure URLs, look for copied meta
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": 700,  # redirects ask for it
}
REFERRER_POLICY = "no-referrer"
OUTLET_REQUESTS = 2000  # that a run makes of one outlet; 0: any number. SITEMAP_FILES and as many pages
OUTLET_BYTES = 1024**3  # that it takes from one: 2,000 pages of 335 kB (183 real ones), had they not been packed, and a third more
OUTLET_MINUTES = 60  # that it stays with one: 2,000 requests at a second or so each, with what the answers take
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # 429 and 503 say themselves when to come again
DOWNLOAD_TIMEOUT = 120  # seconds a request may take in all, however slowly its answer drips: 8 MiB at the pace of a bad line
DOWNLOAD_STALLED = 30  # seconds without progress: as patient as common servers and proxies are, which wait for 30 to 60
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024  # bytes of a listing and all else, unpacked; Scrapy's own limit is a gigabyte
PAGE_MAXSIZE = 8 * 1024 * 1024  # of an article's page; the largest of 183 real ones has 2.3 MB
SITEMAP_MAXSIZE = 50 * 1024 * 1024  # of a sitemap, as its protocol allows
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 56 * 1024 * 1024  # of answers being read, then no more is asked: a sitemap, and some; Scrapy has 5 MB
HEADERS_MAXSIZE = 256 * 1024  # of all headers of an answer, as browsers allow
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_HANDLERS = {
    "http": "crawler.handler.Handler", "https": "crawler.handler.Handler", "file": None, "data": None, "ftp": None, "s3": None,
}  # fmt: skip
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.8,*/*;q=0.5",
    "Accept-Language": "de,en;q=0.7,*;q=0.5",
}

# --- the journey of an article: read it, file it
ITEM_PIPELINES = {
    "pipelines.read.ReadPipeline": 100,
    "crawler.consent.ConsentPipeline": 150,
    "pipelines.file.FilePipeline": 200,
}
RESPECT_TDM_OPTOUT = False  # True: nothing is kept of pages that say tdm, noai or noindex, nor what they gave before; False: it is recorded
CONCURRENT_ITEMS = max(8, 2 * (os.cpu_count() or 1))  # pages of an archive read at a time; Scrapy makes as many tasks for every answer
READ_PROCESSES = -1  # one a core; 0 reads in the crawl's own process
READ_TIMEOUT = 10  # seconds a page, a feed or a section page may take; of 183 real pages none takes more than one
READ_MEMORY = 512 * 1024 * 1024  # bytes a worker may take beside its start; 183 real pages take 30 MB, the tests' worst one 150
STORE_PAGES = True  # keep fetched pages, compressed, for replay
SITEMAP_DAYS = 3  # that an entry of a plain sitemap may be old
SITEMAP_FILES = 1000  # of indexes of one outlet in a run; at a second each a quarter of an hour for the outlet that has so many
LISTING_ENTRIES = 5000  # of a feed or section page, the newest; as many as five news sitemaps may have, each two days of an outlet
SITEMAP_ENTRIES = 50_000  # of one index filed at once, as many as one sitemap may have
POLL_FASTEST = 300  # seconds between two fetches of a busy source; 0: every source is due in every run
POLL_SLOWEST = 4 * 3600  # of a sleepy one
LOOKS_PER_OUTLET = 20  # filed articles looked at again in one run
STOP_PATIENCE = 3  # seconds that a run told to stop waits for answers under way; with filing what came it ends in under 10
RETRY_FAILED_AFTER = 3600  # seconds until a URL that could not be fetched is tried again

# --- searching elsewhere
ARCHIVE_INDEX = "https://web.archive.org/cdx/search/cdx"  # what captures of a listing there are (CDX server API)
ARCHIVE_CAPTURE = "https://web.archive.org/web/{at}id_/{url}"  # one of them, as it was
ARCHIVE_MAXSIZE = 2 * 1024**3  # bytes of a WARC file that is downloaded; those of CC-NEWS have about 1 GB
GDELT_API = "https://api.gdeltproject.org/api/v2/doc/doc"
GDELT_DELAY = 5.0  # seconds: "Please limit requests to one every 5 seconds"

# --- what runs beside
DOWNLOADER = "crawler.extensions.WatchedDownloader"  # keeps count of what a run asked of each host
EXTENSIONS_BASE = {  # of Scrapy's eleven: the others export, throttle, or listen on a port (telnet, remote control)
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.logstats.LogStats": 0,
}
EXTENSIONS = {
    "crawler.extensions.Faults": 100,
    "crawler.farewell.Farewell": 110,
}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
LOG_SHORT_NAMES = True

# --- beyond one machine: `scrapy fleet`
FLEET_URL = os.environ.get("FLEET_URL", "")  # of Valkey or Redis: redis://:password@host:6379/0, or rediss:// for TLS
FLEET_LEASE = 15  # seconds without a sign of life after which a worker, or the consumer, is taken for dead
FLEET_ROUND = 15  # seconds between two looks at what is due
FLEET_AHEAD = 100  # outlets that may wait for a worker: what is known of the past travels with them and should be fresh
FLEET_WAITING = 1000  # parts that may wait to be filed, some 60 kB each; then crawls wait
