from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.CreateModel(
            "Remark",
            [
                ("id", models.AutoField(primary_key=True, auto_created=True, serialize=False, verbose_name="ID")),
                ("lot", models.CharField(max_length=60, db_index=True)),
                ("text", models.CharField(max_length=1000)),
                ("at", models.DateTimeField(auto_now=True)),
                ("bidder", models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)),
            ],
        )
    ]
