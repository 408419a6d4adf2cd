"""How the window looks: colours, style sheet, font and icons, for light and dark."""
