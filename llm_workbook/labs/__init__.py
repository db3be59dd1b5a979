"""One room a lab. Nothing imports a room but its own notebook, its tests, and the exercise engine, by name."""
