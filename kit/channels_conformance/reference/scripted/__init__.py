"""An application without a framework that does what a client asks of it: it shows what a server does by itself."""
