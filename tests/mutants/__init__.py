"""How strong specs and tests are: the source is changed in small ways, and each change should be noticed."""
