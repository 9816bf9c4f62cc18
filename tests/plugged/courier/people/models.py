import uuid
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone


class PersonManager(BaseUserManager):
    def create_user(self, email, name, password=None):
        person = self.model(email=self.normalize_email(email), name=name)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)

    objects = PersonManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]


def in_a_day():
    return timezone.now() + timedelta(days=1)


def new_key():
    return uuid.uuid4().hex


class Token(models.Model):
    key = models.CharField(max_length=32, primary_key=True, default=new_key)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    expires = models.DateTimeField(default=in_a_day)

    def __str__(self):
        return f"a token of {self.person_id}"
