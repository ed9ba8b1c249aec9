"""The same promises on other versions of what we stand on."""
