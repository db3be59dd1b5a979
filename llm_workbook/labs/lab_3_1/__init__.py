"""The room of lab 3.1: its exercises, and what only it uses."""
