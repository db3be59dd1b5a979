"""The room of lab 3.2: its exercises, and what only it uses."""
