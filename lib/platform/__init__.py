"""The vendor's platform over HTTP: destinations, endpoints, what its answers mean, the directory of its names."""
