"""The demo's sign-ins: one person per role, and a second analyst and executive. Only in demo mode.

The passwords are public. `manage.py check --deploy` and the start refuse them in production.
"""

from dataclasses import dataclass

from core.roles import Role

PASSWORD = "tarnfell-demo"  # noqa: S105 - public, and only in demo mode


@dataclass(frozen=True)
class SignIn:
    """Somebody to sign in as."""

    role: Role
    name: str
    email: str
    job_title: str
    password: str = PASSWORD


DEMO_SIGNINS = (
    SignIn(Role.VP, "Nora Lindqvist", "vp@tarnfell.example", "VP Sales and Operations Planning"),
    SignIn(Role.MANAGER, "Daniel Okafor", "manager@tarnfell.example", "S&OP manager"),
    SignIn(Role.ANALYST, "Priya Raman", "analyst@tarnfell.example", "Senior S&OP analyst"),
    SignIn(Role.ANALYST, "Tomasz Zielinski", "analyst2@tarnfell.example", "S&OP analyst"),
    SignIn(Role.COORDINATOR, "Marta Novakova", "coordinator@tarnfell.example", "S&OP coordinator"),
    SignIn(Role.EXECUTIVE, "Henrik Aalto", "cfo@tarnfell.example", "Chief financial officer"),
    SignIn(Role.EXECUTIVE, "Solveig Aune", "ceo@tarnfell.example", "Chief executive officer"),
    SignIn(Role.SALES_MANAGER, "Jonas Brandt", "jonas.brandt@tarnfell.example", "Sales manager DACH"),
    SignIn(Role.SALES_REP, "Lena Vogt", "lena.vogt@tarnfell.example", "Key account manager"),
    SignIn(Role.EFFECTIVENESS, "Amelie Roux", "enablement@tarnfell.example", "Sales effectiveness manager"),
    SignIn(Role.ADVISOR, "Samir Haddad", "advisor@tarnfell.example", "Technical operations advisor"),
    SignIn(Role.SERVICE, "ERP connection", "service@tarnfell.example", "Service account"),
)
