"""The history of the tables of reports."""
