"""A crawl of a fleet: the same pipelines, but what is read is sent to the one database instead of written to it. `scrapy fleet
work` runs it in a folder of its own."""

from crawler.settings import *  # noqa: F403
from crawler.settings import ITEM_PIPELINES as ALL

DATABASE = ""  # none here; locks and downloads lie in the folder that the worker made for the crawl
ITEM_PIPELINES = {name: place for name, place in ALL.items() if name != "pipelines.file.FilePipeline"}
ITEM_PIPELINES["crawler.fleet.courier.Courier"] = ALL["pipelines.file.FilePipeline"]
READ_PROCESSES = 1  # each crawl has its own; a worker runs several crawls
