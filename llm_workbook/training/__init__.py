"""Training a model, and the registry of what was trained."""
