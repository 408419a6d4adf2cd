"""The gallery: every image drawn, found, compared, judged and exported."""
