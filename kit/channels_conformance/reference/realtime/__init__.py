"""What every WebSocket of the project shares: membership of groups, sessions, clients that have gone."""
