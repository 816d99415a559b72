"""What of this room people can comment on, and the places of other rooms that it fills."""
