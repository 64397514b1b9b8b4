"""Who changed what, and who was denied: one line each, appended and never changed."""
