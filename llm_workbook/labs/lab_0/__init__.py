"""The room of lab 0: its exercises, and what only it uses."""
