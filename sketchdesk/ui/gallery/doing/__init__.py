"""What is done to pictures: stars and tags, the trash, saving, drawing them again."""
