"""The assistant that lab 1.7 ships: its settings, its index on disk, the trace of each answer, and an MCP server."""
