"""The conformance kit for Django Channels: executable specifications, and the tools to write more."""
