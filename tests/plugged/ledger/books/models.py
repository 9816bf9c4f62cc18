from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models


class Entry(models.Model):
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.RESTRICT)
    note = models.TextField()
    tags = ArrayField(models.CharField(max_length=30), default=list)
    details = models.JSONField(default=dict)  # {"book": the book's name, "length": of the note}
    words = models.GeneratedField(
        expression=SearchVector("note", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        indexes = [GinIndex(fields=["words"], name="entries_by_word"), GinIndex(fields=["tags"], name="entries_by_tag")]
        constraints = [
            models.CheckConstraint(condition=models.Q(details__has_key="book"), name="an_entry_is_in_a_book"),
        ]

    def __str__(self):
        return self.note
