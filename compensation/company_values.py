"""Company settings of this room; compensation/subjects.py adds them to those of core."""

from core.setting_kinds import Setting

PAY = "Pay"
YES_NO = (("yes", "Yes"), ("no", "No"))
DISPUTES = (
    Setting(
        key="dispute_hours",
        label="A dispute is answered within",
        kind="whole",
        default=16,
        help="Working hours of the rep's calendar, from the moment it is raised.",
        group=PAY,
        unit="hours",
        low=1,
        high=1000,
    ),
    Setting(
        key="dispute_owner",
        label="Who answers disputes",
        kind="choice",
        default="plan",
        help="The plan's owner, where that person may decide; else the manager with the fewest open ones.",
        group=PAY,
        choices=(("plan", "The plan's owner"), ("manager", "A manager")),
    ),
)
CONTRACTS = (
    Setting(
        key="contract_months",
        label="A contract usually lasts",
        kind="whole",
        default=12,
        help="For the cost of obtaining contracts, where a deal has no term of its own.",
        group=PAY,
        unit="months",
        low=1,
        high=240,
    ),
    Setting(
        key="renewal_months",
        label="Renewals usually add",
        kind="whole",
        default=24,
        help="Months of expected renewals. They count unless renewals are paid like the first contract.",
        group=PAY,
        unit="months",
        low=0,
        high=240,
    ),
    Setting(
        key="renewals_commensurate",
        label="Renewals are paid like the first contract",
        kind="choice",
        default="no",
        help="Then the cost is spread over the contract alone (ASC 340-40-35-1).",
        group=PAY,
        choices=YES_NO,
    ),
    Setting(
        key="contract_expedient",
        label="Expense contract costs of a year or less at once",
        kind="choice",
        default="yes",
        help="The practical expedient of ASC 340-40-25-4.",
        group=PAY,
        choices=YES_NO,
    ),
)
RUNS = (
    Setting(
        key="pay_retro_months",
        label="Late changes are paid for",
        kind="whole",
        default=12,
        help="So many closed months are worked out again with every run; what they would pay today, less "
        "what was paid, comes with the open month. 0: late changes of closed months are not paid.",
        group=PAY,
        unit="months",
        low=0,
        high=36,
    ),
)
VALUES = (*RUNS, *DISPUTES, *CONTRACTS)
