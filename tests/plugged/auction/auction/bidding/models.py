from django.contrib.auth.models import User
from django.db import models


class Remark(models.Model):
    lot = models.CharField(max_length=60, db_index=True)
    bidder = models.ForeignKey(User, models.CASCADE)
    text = models.CharField(max_length=1000)
    at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return self.text
