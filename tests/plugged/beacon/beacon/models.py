import secrets

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Device(AbstractBaseUser):
    id = models.SlugField(primary_key=True, max_length=40)
    key = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)

    objects = BaseUserManager()

    USERNAME_FIELD = "id"

    @classmethod
    def register(cls, name):
        return cls.objects.create(id=name, key=secrets.token_hex(16))
