"""How a project is started, one way beside another: which of them come up, and what each of them serves."""
