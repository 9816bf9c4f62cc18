"""What is judged: the profile, the settings overlay, the test database, users, and what is seen inside a worker."""
