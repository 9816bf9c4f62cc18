from django.conf import settings
from django.db import models


class Line(models.Model):
    """One line of a guestbook."""

    parlor = models.TextField(db_index=True)
    guest = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    words = models.TextField()

    class Meta:
        db_table = "guestbook lines"

    def __str__(self) -> str:
        return self.words
