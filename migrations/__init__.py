"""What the database holds (versions/) and computes (sql/)."""
