"""The room of lab 2.2: its exercises, and what only it uses."""
