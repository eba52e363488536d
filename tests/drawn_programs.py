"""Programs drawn at random for section 1: a large class whose members wrote on their own what many others wrote too.

Each point of the task has the ways in which students write it, and every program draws one for each point,
independently of all others. Two programs of such a class have much in common, and nobody copied.
"""

from __future__ import annotations

import random
import re

WAYS = {
    "module": [
        "import math\n\nimport numpy as np\n\nSUM_TOLERANCE = 1e-6\n\n\nclass InformationMeasures:\n"
        "    @staticmethod\n    def entropy(p, base=2):\n        <entropy>\n\n"
        "    @staticmethod\n    def joint_entropy(joint_p, base=2):\n        <joint>\n\n"
        "    @staticmethod\n    def conditional_entropy(joint_p, axis=1, base=2):\n"
        "        joint_p = checked_distribution(joint_p, 'joint_p')\n        <table>\n        <conditional>\n\n\n"
        "def checked_distribution(p, name):\n    <array>\n    <checks>\n    return p\n\n\n"
        "def checked_base(base):\n    <base>\n"
    ],
    "entropy": ["<check both>\n<one axis>\n<positive>\n<sum>", "<one axis>\n<check both>\n<positive>\n<sum>"],
    "check both": [
        "p = checked_distribution(p, 'p')\n<check base>",
        "<check base>\np = checked_distribution(p, 'p')",
    ],
    "check base": ["base = checked_base(base)", "checked_base(base)"],
    "one axis": [
        "if p.ndim != 1:\n    <refuse>",
        "if len(p.shape) != 1:\n    <refuse>",
        "if np.ndim(p) != 1:\n    <refuse>",
    ],
    "refuse": [
        "raise ValueError('not a distribution')",
        "raise ValueError(f'not a distribution: {p}')",
        "raise ValueError('not a distribution: ' + str(p))",
        "raise ValueError('not a distribution, got %s' % p)",
        "raise ValueError('{} is not a distribution'.format(p))",
    ],
    "positive": [
        "p = p[p > 0]",
        "nonzero = p[p > 0]\np = nonzero",
        "mask = p > 0\np = p[mask]",
        "p = p[np.nonzero(p)]",
        "p = np.array([x for x in p if x > 0])",
    ],
    "sum": [
        "return float(-np.sum(p * np.log(p)) / np.log(base))",
        "return float(-(p * np.log(p)).sum() / math.log(base))",
        "h = 0.0\nfor x in p:\n    h -= x * math.log(x, base)\nreturn h",
        "return -sum(x * math.log(x, base) for x in p)",
        "logs = np.log(p) / np.log(base)\nreturn float(-np.dot(p, logs))",
        "return float(np.sum(p * np.log(1 / p)) / math.log(base))",
        "terms = -p * np.log2(p)\nreturn float(terms.sum() / np.log2(base))",
        "result = -np.sum(p * np.log2(p)) / np.log2(base)\nreturn float(result)",
    ],
    "flat": ["ravel()", "flatten()", "reshape(-1)"],
    "joint": [
        "p = checked_distribution(joint_p, 'joint_p')\nreturn InformationMeasures.entropy(p.<flat>, base)",
        "return InformationMeasures.entropy(np.asarray(joint_p, dtype=float).<flat>, base)",
        "return InformationMeasures.entropy(np.asarray(joint_p, dtype=float).<flat>, base=base)",
        "p = checked_distribution(joint_p, 'joint_p').<flat>\n<check base>\n<positive>\n<sum>",
    ],
    "table": [
        "<check base>\n<two axes>\n<axis>",
        "<two axes>\n<axis>\n<check base>",
        "<axis>\n<two axes>\n<check base>",
        "<check base>\n<axis>\n<two axes>",
    ],
    "two axes": [
        "if joint_p.ndim != 2:\n    raise ValueError('joint_p must have two axes')",
        "if len(joint_p.shape) != 2:\n    raise ValueError('two axes')",
        "if np.ndim(joint_p) != 2:\n    raise ValueError(f'need a table, got {joint_p.shape}')",
    ],
    "axis": [
        "if axis not in (0, 1):\n    raise ValueError('axis must be 0 or 1')",
        "if axis != 0 and axis != 1:\n    raise ValueError(f'axis must be 0 or 1, got {axis}')",
        "if not (axis == 0 or axis == 1):\n    raise ValueError('bad axis')",
        "if axis not in [0, 1]:\n    raise ValueError('axis: ' + str(axis))",
    ],
    "conditional": ["<marginal>\n<chain rule>", "<rows>", "<marginal column>\n<ratio>\n<weighted>", "<loops>"],
    "marginal": [
        "marginal = joint_p.sum(axis=1 - axis)",
        "marginal = np.sum(joint_p, axis=1 - axis)",
        "other = 1 - axis\nmarginal = joint_p.sum(axis=other)",
    ],
    "chain rule": [
        "return InformationMeasures.joint_entropy(joint_p, base) - InformationMeasures.entropy(marginal, base)",
        "joint = InformationMeasures.joint_entropy(joint_p, base)\nh_y = InformationMeasures.entropy(marginal, base)\n"
        "return joint - h_y",
        "return max(0.0, InformationMeasures.joint_entropy(joint_p, base) - InformationMeasures.entropy(marginal, base))",
    ],
    "rows": [
        "<turn>\ntotal = 0.0\nfor row in joint_p:\n    <mass>\n    if p_y == 0:\n        continue\n"
        "    total += p_y * InformationMeasures.entropy(row / p_y, base)\nreturn total",
        "<turn>\ntotal = 0.0\nfor row in joint_p:\n    <mass>\n    if p_y > 0:\n"
        "        total += p_y * InformationMeasures.entropy(row / p_y, base)\nreturn total",
        "<turn>\ntotal = 0.0\nfor row in joint_p:\n    <mass>\n    if p_y > 0:\n        conditional = row / p_y\n"
        "        total = total + p_y * InformationMeasures.entropy(conditional, base)\nreturn total",
    ],
    "turn": ["if axis == 1:\n    joint_p = joint_p.T", "table = joint_p if axis == 0 else joint_p.T\njoint_p = table"],
    "mass": ["p_y = row.sum()", "p_y = np.sum(row)", "p_y = sum(row)"],
    "marginal column": ["marginal = joint_p.sum(axis=1 - axis, keepdims=True)"],
    "ratio": [
        "with np.errstate(divide='ignore', invalid='ignore'):\n    ratio = np.where(joint_p > 0, joint_p / marginal, 1.0)",
        "ratio = np.divide(joint_p, marginal, out=np.ones_like(joint_p), where=joint_p > 0)",
        "safe = np.where(marginal > 0, marginal, 1)\nratio = np.where(joint_p > 0, joint_p / safe, 1)",
    ],
    "weighted": [
        "return float(-(joint_p * np.log(ratio)).sum() / np.log(base))",
        "return float(-np.sum(joint_p * np.log(ratio)) / math.log(base))",
        "h = -joint_p * np.log2(ratio) / np.log2(base)\nreturn float(h.sum())",
    ],
    "loops": [
        "h = 0.0\nfor i in range(joint_p.shape[0]):\n    for j in range(joint_p.shape[1]):\n        <cell>\n"
        "        if p_xy > 0:\n            p_y = joint_p[:, j].sum() if axis == 1 else joint_p[i, :].sum()\n"
        "            h -= p_xy * math.log(p_xy / p_y, base)\nreturn h",
        "h = 0.0\nfor i in range(joint_p.shape[0]):\n    for j in range(joint_p.shape[1]):\n        <cell>\n"
        "        if p_xy == 0:\n            continue\n"
        "        p_y = np.sum(joint_p[:, j]) if axis == 1 else np.sum(joint_p[i])\n"
        "        h += p_xy * math.log(p_y / p_xy) / math.log(base)\nreturn h",
    ],
    "cell": ["p_xy = joint_p[i, j]", "p_xy = joint_p[i][j]"],
    "array": [
        "p = np.asarray(p, dtype=float)",
        "p = np.array(p, dtype=np.float64)",
        "p = np.asarray(p).astype(float)",
        "p = np.array(p, float)",
        "p = np.array(p, dtype=float, copy=True)",
    ],
    "checks": [
        "<empty>\n<finite>\n<negative>\n<total>",
        "<empty>\n<negative>\n<finite>\n<total>",
        "<finite>\n<empty>\n<negative>\n<total>",
        "<empty>\nif not np.isfinite(p).all() or (p < 0).any():\n    <refuse>\n<total>",
        "<empty>\nif np.any(p < 0) or np.any(np.isnan(p)) or np.any(np.isinf(p)):\n    <refuse>\n<total>",
    ],
    "empty": [
        "if p.size == 0:\n    <refuse>",
        "if len(p) == 0:\n    <refuse>",
        "if p.size < 1:\n    <refuse>",
        "if not p.size:\n    <refuse>",
    ],
    "finite": [
        "if not np.isfinite(p).all():\n    <refuse>",
        "if not np.all(np.isfinite(p)):\n    <refuse>",
        "if np.any(np.isnan(p)) or np.any(np.isinf(p)):\n    <refuse>",
        "if np.isnan(p).any() or np.isinf(p).any():\n    <refuse>",
        "if (~np.isfinite(p)).any():\n    <refuse>",
    ],
    "negative": [
        "if (p < 0).any():\n    <refuse>",
        "if np.any(p < 0):\n    <refuse>",
        "if p.min() < 0:\n    <refuse>",
        "if np.min(p) < 0.0:\n    <refuse>",
        "if any(x < 0 for x in p.ravel()):\n    <refuse>",
        "if not (p >= 0).all():\n    <refuse>",
    ],
    "total": [
        "if abs(p.sum() - 1) > SUM_TOLERANCE:\n    <refuse>",
        "if not np.isclose(p.sum(), 1.0, rtol=0, atol=SUM_TOLERANCE):\n    <refuse>",
        "if not math.isclose(p.sum(), 1, abs_tol=1e-6):\n    <refuse>",
        "total = np.sum(p)\nif np.abs(total - 1.0) > 1e-6:\n    <refuse>",
        "s = float(np.sum(p))\nif s > 1 + SUM_TOLERANCE or s < 1 - SUM_TOLERANCE:\n    <refuse>",
    ],
    "base": [
        "if not isinstance(base, (int, float)):\n    raise TypeError('base must be a number')\n"
        "if not math.isfinite(base) or base <= 1:\n    raise ValueError(f'bad base {base}')\nreturn float(base)",
        "if not (1 < base < math.inf):\n    raise ValueError('base must be larger than 1')\nreturn base",
        "base = float(base)\nif math.isnan(base) or math.isinf(base) or base <= 1:\n    raise ValueError('base')\n"
        "return base",
        "if base > 1 and np.isfinite(base):\n    return float(base)\nraise ValueError(f'base must be > 1, got {base}')",
        "if isinstance(base, bool) or not np.isreal(base):\n    raise ValueError('base must be real')\n"
        "if base <= 1 or base == float('inf') or base != base:\n    raise ValueError('base')\nreturn base",
    ],
    "exercise": ["<both>\ndifference = die_entropy - coin_entropy\ntosses_per_roll = die_entropy / coin_entropy<print>"],
    "both": [
        "die_entropy = measures.entropy([1 / 6] * 6)\ncoin_entropy = measures.entropy([0.8, 0.2])",
        "die = np.full(6, 1 / 6)\ncoin = np.array([0.8, 0.2])\ndie_entropy = measures.entropy(die)\n"
        "coin_entropy = measures.entropy(coin)",
        "H = entropy.InformationMeasures.entropy\ndie_entropy = H(np.ones(6) / 6)\ncoin_entropy = H([0.8, 0.2])",
        "die_entropy = math.log2(6)\ncoin_entropy = -0.8 * math.log2(0.8) - 0.2 * math.log2(0.2)",
    ],
    "print": ["", "\nprint(die_entropy, coin_entropy)", "\nprint(f'{die_entropy:.3f} {coin_entropy:.3f}')"],
}  # fmt: skip
_POINT = re.compile(r"(?m)^( *)(.*?)<([a-z ]+)>")


def drawn(rng: random.Random) -> tuple[str, str]:
    """Return a module `entropy.py`, and the code of the cell `exercise-1`."""
    return _drawn("module", rng), _drawn("exercise", rng)


def _drawn(point: str, rng: random.Random) -> str:
    text = rng.choice(WAYS[point])
    while found := _POINT.search(text):
        indent, before, within = found.groups()
        way = _drawn(within, rng).replace("\n", f"\n{indent}")
        text = f"{text[: found.start()]}{indent}{before}{way}{text[found.end() :]}"
    return text
