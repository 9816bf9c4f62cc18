from django.conf import settings
from django.db import models


class Note(models.Model):
    thread = models.CharField(max_length=255)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    content = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["thread", "created"], name="notes_of_a_thread")]

    def __str__(self):
        return self.content
