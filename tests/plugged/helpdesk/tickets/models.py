from django.conf import settings
from django.db import models


class Ticket(models.Model):
    reference = models.CharField(max_length=120, unique=True)
    opened = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return self.reference


class Reply(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    body = models.TextField()
    internal = models.BooleanField(default=False)
    sent = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.ticket_id}: {self.body[:40]}"
