"""The room of lab 2.5: its exercises, and what only it uses."""
