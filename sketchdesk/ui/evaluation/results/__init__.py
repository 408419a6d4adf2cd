"""The page of a finished study: findings, tables, charts, pictures."""
