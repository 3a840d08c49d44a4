"""Search: strategies, ranking, and the one stream that command line, server and evaluation use."""

from codeplan_model.search.agreement import Judge
from codeplan_model.search.events import (
    Budget,
    Event,
    Finished,
    Judged,
    PlanChosen,
    PlanRecord,
    PlanSampled,
    Progress,
)
from codeplan_model.search.explain import Explained, NothingToExplain, explain
from codeplan_model.search.proposing import NothingToPropose, Proposed, propose
from codeplan_model.search.repair import NothingToRepair, repair
from codeplan_model.search.solve import solve

__all__ = [
    "Budget",
    "Event",
    "Explained",
    "Finished",
    "Judge",
    "Judged",
    "NothingToExplain",
    "NothingToPropose",
    "NothingToRepair",
    "PlanChosen",
    "PlanRecord",
    "PlanSampled",
    "Progress",
    "Proposed",
    "explain",
    "propose",
    "repair",
    "solve",
]
