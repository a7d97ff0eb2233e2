"""The doors over HTTP: one file a resource, handlers that parse, call one verb, and answer."""
