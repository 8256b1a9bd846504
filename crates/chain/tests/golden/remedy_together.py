"""Cheapest plans over several scenarios, stated independently of the program and solved by scipy.optimize.milp (HiGHS).

Statement: the greedy weekly course written as equalities. For every scenario, node and week: loss = min(1, raw), drawn =
min(loss, left), short = loss - drawn, largest shortage of alternatives, worn = min(1, worn before + loss / (52 life)); every
min and max by its own yes-or-no column, with plain big constants. Every plan found is run through a plain simulation of the
same course, which must give the same losses.

Run: python remedy_together.py > remedy_together.csv     (numpy, scipy; fixed seed)
"""
import sys, random
import numpy as np, scipy
from scipy.optimize import milp, LinearConstraint, Bounds
from scipy.sparse import coo_matrix

LIFE = 5.0
WEAR = 1 / (52 * LIFE)

class Model:
    def __init__(self):
        self.cost, self.lo, self.hi, self.integer = [], [], [], []
        self.rows, self.lows, self.highs = [], [], []
    def var(self, lo=0.0, hi=np.inf, cost=0.0, integer=0):
        self.cost.append(cost); self.lo.append(lo); self.hi.append(hi); self.integer.append(integer)
        return len(self.cost) - 1
    def row(self, terms, lo, hi):
        self.rows.append(terms); self.lows.append(lo); self.highs.append(hi)
    def minimum(self, a, b, big):
        """A column equal to min(a, b); a, b are (terms, constant)."""
        m = self.var(); z = self.var(0, 1, 0, 1)
        for (terms, const), on in ((a, 1), (b, 0)):
            # m <= expr
            self.row([(m, 1)] + [(c, -x) for c, x in terms], -np.inf, const)
            # m >= expr - big * (z or 1 - z)
            if on: self.row([(m, 1), (z, big)] + [(c, -x) for c, x in terms], const, np.inf)
            else: self.row([(m, 1), (z, -big)] + [(c, -x) for c, x in terms], const - big, np.inf)
        return m
    def solve(self):
        r, c, v = [], [], []
        for i, terms in enumerate(self.rows):
            for col, x in terms: r.append(i); c.append(col); v.append(x)
        A = coo_matrix((v, (r, c)), shape=(len(self.rows), len(self.cost))).tocsr()
        res = milp(self.cost, constraints=LinearConstraint(A, self.lows, self.highs), bounds=Bounds(self.lo, self.hi),
                   integrality=self.integer, options={"mip_rel_gap": 1e-9, "time_limit": 60})
        return res

def severity(p, s, k, t):
    kind, node, country = p["choices"][k][:3]
    return sum(sev for (co, n, sev, start, weeks) in p["scenarios"][s][1] if n == node and co == country and start <= t < start + weeks)

def own(p, s, node, t):
    return sum(p["shares"][node].get(co, 0.0) * sev for (co, n, sev, start, weeks) in p["scenarios"][s][1]
               if n == node and start <= t < start + weeks)

def groups(p, node):
    found = {}
    for a, b, rel in p["links"]:
        if b == node: found.setdefault(p["group"].get(a) or ("!" + a), []).append((a, rel))
    return list(found.values())

def simulate(p, amounts):
    out = []
    for s in range(len(p["scenarios"])):
        left = {n: p["stock"][n] + sum(x for x, c in zip(amounts, p["choices"]) if c[0] == "stock" and c[1] == n) for n in p["nodes"]}
        worn = {n: 0.0 for n in p["nodes"]}; total = {n: 0.0 for n in p["nodes"]}; peak = {n: 0.0 for n in p["nodes"]}
        for t in range(1, p["weeks"] + 1):
            short = {}
            for n in p["nodes"]:
                ks = [k for k, c in enumerate(p["choices"]) if c[0] != "stock" and c[1] == n and t > c[6]]
                mine = own(p, s, n, t) * max(0.0, 1 - sum(amounts[k] for k in ks)) + sum(amounts[k] * severity(p, s, k, t) for k in ks)
                raw = mine + sum(max(worn[a] if rel == "t" else short[a] for a, rel in g) for g in groups(p, n))
                loss = min(1.0, raw); drawn = min(loss, left[n]); left[n] -= drawn; short[n] = loss - drawn
                worn[n] = min(1.0, worn[n] + loss * WEAR); total[n] += loss; peak[n] = max(peak[n], loss)
        out.append({"h": total, "w": peak})
    return out

def measure(p, losses, node, over):
    of = [(l[over][node], sc[0]) for l, sc in zip(losses, p["scenarios"])]
    if p["alpha"] is None: return max(l for l, _ in of)
    left, total = 1 - p["alpha"], 0.0
    for l, pr in sorted(of, reverse=True):
        part = min(pr, left); total += part * l; left -= part
    return total / (1 - p["alpha"])

def plan(p):
    m = Model(); xs = []; T = p["weeks"]
    for kind, node, country, cost, fixed, most, ready in p["choices"]:
        x = m.var(0, most, cost); xs.append(x)
        if fixed > 0:
            y = m.var(0, 1, fixed, 1); m.row([(x, 1), (y, -most)], -np.inf, 0)
    for n in p["nodes"]:
        terms = [(x, 1) for x, c in zip(xs, p["choices"]) if c[0] != "stock" and c[1] == n]
        if len(terms) > 1: m.row(terms, -np.inf, 1)
    seen = {b: [] for b in range(len(p["bounds"]))}
    for s in range(len(p["scenarios"])):
        left = {}; worn = {n: ([], 0.0) for n in p["nodes"]}
        for n in p["nodes"]:
            left[n] = ([(x, 1) for x, c in zip(xs, p["choices"]) if c[0] == "stock" and c[1] == n], p["stock"][n])
        weekly = {n: [] for n in p["nodes"]}
        for t in range(1, T + 1):
            short = {}
            for n in p["nodes"]:
                o = own(p, s, n, t)
                terms = [(xs[k], severity(p, s, k, t) - o) for k, c in enumerate(p["choices"]) if c[0] != "stock" and c[1] == n and t > c[6]]
                const = o
                for g in groups(p, n):
                    exprs = [worn[a] if rel == "t" else short[a] for a, rel in g]
                    if len(exprs) == 1:
                        terms = terms + exprs[0][0]; const += exprs[0][1]
                    else:
                        big = m.var(0, 1); zs = []
                        for tt, cc in exprs:
                            z = m.var(0, 1, 0, 1); zs.append(z)
                            m.row([(big, 1)] + [(c, -x) for c, x in tt], cc, np.inf)
                            m.row([(big, 1), (z, 2)] + [(c, -x) for c, x in tt], -np.inf, cc + 2)
                        m.row([(z, 1) for z in zs], 1, np.inf)
                        terms = terms + [(big, 1)]
                loss = m.minimum((terms, const), ([], 1.0), 6.0)
                drawn = m.minimum(([(loss, 1)], 0.0), left[n], 50.0)
                left[n] = (left[n][0] + [(drawn, -1)], left[n][1])
                short[n] = ([(loss, 1), (drawn, -1)], 0.0)
                worn[n] = (worn[n][0] + [(loss, WEAR)], 0.0)   # never reaches one within these horizons
                weekly[n].append(loss)
        for b, (node, over, most) in enumerate(p["bounds"]):
            if over == "h":
                v = m.var(); m.row([(v, 1)] + [(l, -1) for l in weekly[node]], 0, 0); seen[b].append(v)
            else:
                v = m.var(0, 1)
                for l in weekly[node]: m.row([(v, 1), (l, -1)], 0, np.inf)
                seen[b].append(v)
    for b, (node, over, most) in enumerate(p["bounds"]):
        if p["alpha"] is None:
            for v in seen[b]: m.row([(v, 1)], -np.inf, most)
        else:
            eta = m.var(); terms = [(eta, 1)]
            for v, sc in zip(seen[b], p["scenarios"]):
                e = m.var(); m.row([(e, 1), (eta, 1), (v, -1)], 0, np.inf); terms.append((e, sc[0] / (1 - p["alpha"])))
            m.row(terms, -np.inf, most)
    res = m.solve()
    if res.status == 2: return None, None
    assert res.status == 0, res.message
    return res.fun, [max(0.0, res.x[x]) for x in xs]

def problem(rng):
    n = rng.randint(2, 5); nodes = ["n%d" % i for i in range(n)]
    links = []; group = {}
    for i in range(1, n):
        inputs = [j for j in range(i) if rng.random() < 0.6] or [i - 1]
        for j in inputs: links.append((nodes[j], nodes[i], "t" if rng.random() < 0.15 else "i"))
    for j in nodes[:-1]:
        if rng.random() < 0.3: group[j] = "g"
    shares = {}
    for v in nodes:
        a = round(rng.uniform(0.2, 0.9), 2); b = round(rng.uniform(0.0, 1 - a), 2)
        shares[v] = {"A": a, "B": b, "C": round(1 - a - b, 2)}
        shares[v] = {k: x for k, x in shares[v].items() if x > 0}
    T = rng.randint(6, 9); count = rng.randint(2, 3); scenarios = []
    for s in range(count):
        events = {}
        for _ in range(rng.randint(1, 2)):
            node = rng.choice(nodes); co = rng.choice(list(shares[node])); start = rng.randint(1, 3)
            events[(co, node)] = (co, node, rng.choice([0.5, 0.8, 1.0]), start, rng.randint(2, T - start + 1))
        scenarios.append((round(rng.uniform(0.1, 0.3), 2), sorted(events.values())))
    stock = {v: rng.choice([0.0, 0.5, 1.0]) for v in nodes}
    choices = []
    for v in nodes[:-1]:
        if rng.random() < 0.8: choices.append(("stock", v, "", round(rng.uniform(0.5, 3), 2), rng.choice([0, 0, 1.5]), 8.0, 0))
    for v in nodes:
        if rng.random() < 0.6:
            choices.append(("source", v, rng.choice(["D", "A", "E"]), round(rng.uniform(2, 12), 2), rng.choice([0, 2.0]),
                            rng.choice([0.5, 0.9]), rng.randint(0, 2)))
        if rng.random() < 0.3:
            choices.append(("home", v, "H", round(rng.uniform(4, 20), 2), 0, 1.0, rng.randint(0, 3)))
    alpha = rng.choice([None, None, 0.5, 0.7])
    p = dict(nodes=nodes, links=links, group=group, shares=shares, weeks=T, scenarios=scenarios, stock=stock, choices=choices, alpha=alpha, bounds=[])
    idle = simulate(p, [0.0] * len(choices)); target = nodes[-1]
    kind = rng.choice(["h", "w", "w", "hw"])
    for over in kind:
        p["bounds"].append((target, over, round(measure(p, idle, target, over) * rng.uniform(0.2, 0.8), 3)))
    return p, idle

def text(p, cost):
    e = lambda s: "+".join(":".join(map(str, ev)) for ev in s[1])
    return ",".join(map(str, [
        ";".join(n + (":" + p["group"][n] if n in p["group"] else "") for n in p["nodes"]),
        ";".join("%s>%s>%s" % l for l in p["links"]),
        ";".join("%s:%s:%s" % (n, c, x) for n in p["nodes"] for c, x in p["shares"][n].items()),
        ";".join("%s:%s" % (n, x) for n, x in p["stock"].items()),
        p["weeks"],
        ";".join("%s=%s" % (s[0], e(s)) for s in p["scenarios"]),
        ";".join(":".join(map(str, c)) for c in p["choices"]),
        ";".join("%s:%s:%s" % b for b in p["bounds"]),
        "" if p["alpha"] is None else p["alpha"],
        "" if cost is None else repr(round(cost, 9)),
    ]))

def main():
    rng = random.Random(20261128)
    print("# Cheapest plans over several scenarios together on random chains; bounds over the horizon (h), on the worst week (w)")
    print("# or both; worst scenario, or CVaR where alpha is given. From remedy_together.py beside this file: a statement of its own of")
    print("# the weekly course as equalities, solved by scipy.optimize.milp, scipy %s, gap 1e-9; every plan was run through a" % scipy.__version__)
    print("# simulation of the course. Seed 20261128. No cost: nothing on offer keeps the bounds.")
    print("nodes,links,shares,stocks,weeks,scenarios,choices,bounds,alpha,cost")
    made = {True: 0, False: 0}; kinds = {}
    while made[True] < 150:
        p, idle = problem(rng)
        if not p["choices"] or any(b[2] <= 0 for b in p["bounds"]): continue
        cost, amounts = plan(p)
        if cost is None:
            if made[False] >= 30: continue
        else:
            if cost < 1e-6: continue
            losses = simulate(p, amounts)
            for node, over, most in p["bounds"]:
                assert measure(p, losses, node, over) <= most + 1e-5, (p, amounts, measure(p, losses, node, over), most)
            key = ("".join(b[1] for b in p["bounds"]), p["alpha"] is not None); kinds[key] = kinds.get(key, 0) + 1
        made[cost is not None] += 1
        print(text(p, cost), flush=True)
    print(kinds, made, file=sys.stderr)

main()
