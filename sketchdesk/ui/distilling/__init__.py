"""Making a model few-step: what is asked, what it will need, and how it is begun."""
