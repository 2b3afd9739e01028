"""What the server answers beside the pages: hosts, headers, the document, callbacks, health."""
