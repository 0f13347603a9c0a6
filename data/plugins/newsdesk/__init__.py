"""The desk's own pages: what an editor reads. `../desk.py` is the plugin; every page here takes Datasette and a request."""
