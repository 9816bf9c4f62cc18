from django.conf import settings
from django.db import models


class Card(models.Model):
    board = models.CharField(max_length=200, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cards")
    title = models.TextField()
    done = models.BooleanField(default=False)

    def __str__(self):
        return self.title
