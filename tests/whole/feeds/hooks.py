# mypy: ignore-errors
"""Users of the project, whose names are not those that Django would give them."""

from django.contrib.auth.models import User


async def make_user(name):
    """Make a user."""
    return await User.objects.acreate(username=name, email=f"{name}@example.org")
