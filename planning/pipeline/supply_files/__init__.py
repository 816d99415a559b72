"""A supply problem as a folder of CSV files, and its plan as another (docs/files.md).

task = read_problem(folder)       # raises BadFiles with one sentence for each mistake
write_plan(folder, task, plan)    # plan.csv, resources.csv, costs.csv, summary.json
"""

from planning.pipeline.supply_files.reading import BadFiles, Task, read_problem
from planning.pipeline.supply_files.writing import write_plan

__all__ = ["BadFiles", "Task", "read_problem", "write_plan"]
