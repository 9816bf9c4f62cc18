"""What is in stock."""

from django.db import models


class Item(models.Model):
    """One thing on a shelf."""

    shelf = models.CharField(max_length=200)
    text = models.TextField()

    def __str__(self) -> str:
        return self.text
