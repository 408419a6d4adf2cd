"""The engine: the only part of SketchDesk that imports torch. It takes jobs and says events; it knows no window."""
