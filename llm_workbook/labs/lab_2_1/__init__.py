"""The room of lab 2.1: its exercises, and what only it uses."""
