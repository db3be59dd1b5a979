"""The room of lab 3.4: its exercises, and what only it uses."""
