"""The load generator: what runs inside Locust's processes. The only part that imports locust or gevent."""
