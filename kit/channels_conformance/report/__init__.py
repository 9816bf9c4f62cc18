"""What is told: verdicts, and their renderings for the terminal and as JSON."""
