"""Proof for plans with capacities: is there one that costs no more than a goal? It goes up until there is.

Branch and bound on who gets a group, over the Lagrangian relaxation; pairs that would cost more than the goal
are struck out at every node. M. Posta, J. A. Ferland and P. Michelon, An exact method with variable fixing
for solving the generalized assignment problem, Computational Optimization and Applications 52 (2012),
629–644. Many nodes are bounded at once, in the order of a search in depth.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from territories.engine.lagrangian import NEVER, Ascent, Whole, ascended, least_with_each
from territories.engine.problem import Bools, Ints

ROOT_STEPS, AGAIN_STEPS, NODE_STEPS = 250, 60, 7
ROOT_TARGET, STRIDE = 4e-3, 1e-4  # of the cost: how far up prices reach at first, and by how much goals go up
SMALL_TREE, GROWTH = 40, 1.5  # nodes, and times the last tree: after fewer, the next goal is further up
NODES_AT_ONCE, MOST_CELLS = 128, 2**24
DIVE_AT_ONCE, DIVE_TARGET = 8, 2.5e-3  # nodes, and how much above the bound, as a part of the cost
SHARPNESS = 40  # of a branching score: a pair counts half when so small a part of the distance dearer


@dataclass(frozen=True)
class Node:
    """Plans of some pairs, (groups, reps), and the prices, (groups,), that bound them. least: their bound."""

    least: int
    prices: Ints
    pairs: Bools


@dataclass
class Proof:
    """The search: no plan costs less than `lower`; owner is the best plan known, and `upper` what it costs.

    heard is called between steps and says whether to stop.
    """

    whole: Whole
    heard: Callable[["Proof"], bool]
    owner: Ints | None = None
    upper: int = NEVER
    lower: int = -NEVER
    stopped: bool = False
    nodes: int = 0
    stack: list[Node] = field(default_factory=list)
    at_once: int = NODES_AT_ONCE
    root: Node = field(init=False)

    @property
    def goal(self) -> int:
        """What a plan may cost to be better than the best known."""
        return self.upper - self.whole.step

    def run(self, prices: Ints, least: float) -> None:
        """Search until proven or stopped. prices: (groups,), of the linear relaxation; least: its cost."""
        self.root = self._root(prices, least)
        shortest = max(self.whole.step, int(STRIDE * abs(self.whole.in_money(least))) * self.whole.step)
        stride, last, dearest = shortest, 0, int(self.whole.cost.max(axis=1).sum())
        while not self.stopped and self.lower < self.upper:
            goal, before = min(self.lower + stride - self.whole.step, self.goal), self.nodes
            if not self._refuted(self.root, goal):
                return
            self.lower = self._up(goal + 1) if min(self.upper, dearest) > goal else self.upper
            size = self.nodes - before
            stride = 2 * stride if size < max(SMALL_TREE, GROWTH * last) else shortest
            last = size
            self.stopped = self.heard(self)

    def dive(self, least: int, heard: Callable[["Proof"], bool]) -> None:
        """Look for better plans than the best known, in a search that goes deep before it goes wide.

        least: a bound of all plans; what is much dearer is not looked at. For when `run` was stopped.
        """
        self.heard, self.stopped, self.at_once = heard, False, DIVE_AT_ONCE
        near = int(least + DIVE_TARGET * self.whole.scale * abs(self.whole.in_money(least)))
        self._refuted(self.root, min(self.goal, near))

    def _up(self, bound: int) -> int:
        """The least cost that a plan can have, from a bound."""
        return -(-bound // self.whole.step) * self.whole.step

    def _root(self, prices: Ints, least: float) -> Node:
        """Good prices for all plans."""
        whole = self.whole
        target = int(least + max(whole.step, ROOT_TARGET * whole.scale * abs(whole.in_money(least))))
        found = self._ascended(prices[None], whole.allowed[None], NEVER - 1, ROOT_STEPS, target)
        self.lower = max(self.lower, self._up(int(found.bound[0])))
        self.stopped = self.heard(self)
        return Node(int(found.bound[0]), found.prices[0], whole.allowed)

    def _ascended(self, prices: Ints, pairs: Bools, goal: int, steps: int, target: int) -> Ascent:
        stop = partial(self.heard, self)
        found = ascended(self.whole, prices, pairs, goal, steps, target=target, stop=stop)
        self.offer(found.owner)
        return found

    def offer(self, owner: Ints | None) -> None:
        """Take a plan that is cheaper than the best known."""
        if owner is not None and self.whole.fits(owner) and self.whole.cost_of(owner) < self.upper:
            self.owner, self.upper = owner, self.whole.cost_of(owner)

    def _refuted(self, root: Node, goal: int) -> bool:
        """Whether no plan up to the goal is cheaper than the best known; False when it was stopped."""
        self.stack = [self._narrowed(root, goal)]
        widest = int(self.stack[0].pairs.sum(axis=0).max()) * (int(self.whole.room.max()) + 1)
        at_once = int(np.clip(MOST_CELLS // max(widest, 1), 1, self.at_once))
        while self.stack:
            if self.lower >= self.upper:
                return True
            if self.stopped or self.heard(self):
                self.stopped = True
                return False
            nodes = self.stack[-at_once:]
            del self.stack[-at_once:]
            self.nodes += len(nodes)
            self._branch(nodes, min(goal, self.goal))
        return True

    def _narrowed(self, root: Node, goal: int) -> Node:
        """The root without the pairs that cost more than the goal."""
        _, least = least_with_each(self.whole, root.prices[None], root.pairs[None])
        pairs = least <= goal
        found = self._ascended(root.prices[None], pairs, goal, AGAIN_STEPS, goal + self.whole.step)
        return Node(int(found.bound[0]), found.prices[0], pairs[0])

    def _branch(self, nodes: list[Node], goal: int) -> None:
        """Bound the nodes, strike out what is dearer than the goal, and put what remains on the stack."""
        prices, pairs = np.array([one.prices for one in nodes]), np.array([one.pairs for one in nodes])
        found = self._ascended(prices, pairs, goal, NODE_STEPS, goal + self.whole.step)
        if found.owner is not None:
            self.stack += nodes  # again, with the goal that follows from the plan
            return
        alive = found.bound <= goal
        if alive.any():
            self._split(found.prices[alive], pairs[alive], goal)

    def _split(self, prices: Ints, pairs: Bools, goal: int) -> None:
        bound, least = least_with_each(self.whole, prices, pairs)
        pairs = least <= goal
        choices = pairs.sum(axis=2)
        children: list[Node] = []
        for case in np.flatnonzero(choices.all(axis=1) & (bound <= goal)):
            if (choices[case] == 1).all():
                self.offer(pairs[case].argmax(axis=1))
                continue
            dearer = np.minimum(least[case] - bound[case], NEVER)
            group = _hardest(dearer, pairs[case], goal + self.whole.step - int(bound[case]))
            children += _children(pairs[case], prices[case], group, least[case, group])
        self.stack += sorted(children, key=lambda child: -child.least)


def _hardest(dearer: Ints, pairs: Bools, distance: int) -> int:
    """The group whose pairs, few or dear, leave least to search. dearer, pairs: (groups, reps)."""
    weight = np.exp2(-SHARPNESS * np.minimum(dearer / max(distance, 1), 2.0))
    left = np.where(pairs, weight, 0.0).sum(axis=1)
    return int(np.where(pairs.sum(axis=1) > 1, left, np.inf).argmin())


def _children(pairs: Bools, prices: Ints, group: int, least: Ints) -> list[Node]:
    """A node for each rep that may get the group."""
    children = []
    for rep in np.flatnonzero(pairs[group]):
        own = pairs.copy()
        own[group] = False
        own[group, rep] = True
        children.append(Node(int(least[rep]), prices, own))
    return children
