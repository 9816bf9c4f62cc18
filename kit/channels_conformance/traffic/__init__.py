"""How a subject is driven: streams of client steps, and the clients that play them in process and over the wire."""
