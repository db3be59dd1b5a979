"""The room of lab 3.3: its exercises, and what only it uses."""
