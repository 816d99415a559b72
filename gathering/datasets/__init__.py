"""What files can bring: every dataset, its fields, and the names foreign files give them.

No Django here: the engine, the pages, the documentation and the tests all read this one table.
"""

from gathering.datasets.crm import CRM
from gathering.datasets.dated import DATED
from gathering.datasets.facts import FACTS
from gathering.datasets.leads import LEADS
from gathering.datasets.masters import MASTERS
from gathering.datasets.notes import NOTES
from gathering.datasets.papers import PAPERS
from gathering.datasets.shape import Dataset, Field

DATASETS: dict[str, Dataset] = {
    dataset.code: dataset for dataset in (*MASTERS, *DATED, *CRM, *LEADS, *PAPERS, *FACTS, *NOTES)
}

__all__ = ["DATASETS", "Dataset", "Field"]
