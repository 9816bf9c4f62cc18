"""Consumers of a few lines, each of which shows one thing about Channels. No path leads to them."""
