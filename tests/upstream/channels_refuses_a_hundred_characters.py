"""Channels refuses a name of a hundred characters.

Package: channels 4.3.2
Expected: a hundred characters are taken (Channel Layer Specification, Channel Semantics: at least 100 bytes).
Happens: BaseChannelLayer asks for len(name) < MAX_NAME_LENGTH, and MAX_NAME_LENGTH is 100.
"""

from channels.layers import InMemoryChannelLayer

layer = InMemoryChannelLayer()
layer.require_valid_group_name("x" * 99)
try:
    layer.require_valid_group_name("x" * 100)
except TypeError as error:
    print(f"REPRODUCED: {error}")
else:
    print("MENDED: a hundred characters are taken")
