"""The index: a quick way to find images, made from the files and made anew whenever it is lost."""
