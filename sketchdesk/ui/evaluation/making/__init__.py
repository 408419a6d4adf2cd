"""How studies are asked for: forms over StudyJob and EvaluateJob."""
