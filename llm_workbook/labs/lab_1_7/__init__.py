"""The room of lab 1.7: its exercises, and what only it uses."""
