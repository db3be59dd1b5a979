"""The room of lab 2.4: its exercises, and what only it uses."""
