"""The API of the room."""
