"""The smallest consumers: whatever arrives goes back."""
