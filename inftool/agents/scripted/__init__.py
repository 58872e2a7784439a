"""The scripted cast: model clients that play a blueprint without a model."""
