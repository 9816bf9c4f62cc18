r"""Channels takes names that end in a newline, or hold digits of another script.

Package: channels 4.3.2
Expected: TypeError, since a name consists only of ASCII letters, ASCII digits, dots, hyphens and underscores (Channel
Layer Specification, Channels), and since error messages of the layers say so themselves.
Happens: the expressions of BaseChannelLayer are matched with \d, which is any digit of Unicode, and with $, which also
matches in front of a last newline. re.ASCII and fullmatch() would mend it.
"""

from channels.layers import InMemoryChannelLayer

layer = InMemoryChannelLayer()
taken = []
for name in ("room\n", "room\u0661\u0662", "room\uff11"):
    try:
        taken.append((name, layer.require_valid_group_name(name), layer.require_valid_channel_name(name)))
    except TypeError:
        continue
print(f"REPRODUCED: taken as valid: {[name for name, *_ in taken]}" if taken else "MENDED: all of them are refused")
