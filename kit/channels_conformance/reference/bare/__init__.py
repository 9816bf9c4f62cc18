"""The two interfaces without a framework, and the smallest Channels project: what everything else is built on."""
