"""The history of the tables of documents."""
