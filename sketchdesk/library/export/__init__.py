"""Images handed on: as copies, a ZIP archive, contact sheets, a page for the browser, a table of their settings."""
