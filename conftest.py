"""What the kit's own tests need; specs get all they need from the installed plugin."""

pytest_plugins = ["pytester"]
