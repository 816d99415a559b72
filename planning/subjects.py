"""What of this room stands on core's pages: the cycle in the top bar, and what people can comment on."""

from core.slots import top_bar
from planning.selectors.cycles import current_cycle_line

top_bar.append(current_cycle_line)
