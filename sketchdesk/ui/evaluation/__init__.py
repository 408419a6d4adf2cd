"""The evaluation tab: studies, their results and what they mean."""
