"""Figures, widgets and text views. Each figure is a function of its parameters; widgets only move the parameters."""
