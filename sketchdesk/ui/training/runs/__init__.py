"""The trainings on disk: the list, and one of them followed while it goes on."""
