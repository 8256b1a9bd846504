#!/usr/bin/env python3
"""Build the evidence tables of this study from a folder of collected facts and from `own/`.

    python3 studies/china-2021/convert.py PATH_TO_FACTS

Reads the fact files, replaces the cited pages by source ids, adds Chinese names and our own judgements
(`own/*.csv`), checks the result against `crates/evidence/schema` and writes `evidence/*.csv`.
Nothing is written when a check fails. The same input gives the same bytes.
"""

import csv
import decimal
import io
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = HERE.parents[1] / "crates" / "evidence" / "schema"
EDITORS = "forelay_editors"
DEFLATOR_BASE = "2021"

# table: (fact file, {column of the fact file: column of the table})
FROM_FACTS = {
    "technologies": ("technologies", {}),
    "policies": ("policies", {"fields": "technology_ids"}),
    "technology_indicators": ("technology_lead", {}),
    "chain_nodes": ("chain_nodes", {}),
    "chain_links": ("chain_links", {}),
    "chain_supply": ("chain_supply", {}),
    "chain_suppliers": ("chain_suppliers", {}),
    "gaps": ("gaps", {"fields": "technology_ids"}),
    "clusters": ("clusters", {}),
    "cluster_strengths": ("cluster_strengths", {}),
    "organisations": ("organisations", {}),
    "capabilities": ("capabilities", {}),
    "collaborations": ("collaborations", {}),
    "application_scenarios": ("scenarios", {}),
    "reference_classes": ("reference_classes", {"technology_or_chain_ids": "technology_or_node_ids"}),
    "shocks": ("shocks", {"country": "countries"}),
}
# tables that are ours from the first row to the last
FROM_OWN = ["countries", "fields", "indicators", "regions", "chains", "evidence_kinds"]

# tables that a study may have and this one has no rows for: nothing is on record
WITHOUT_ROWS = {
    "firms", "firm_links", "firm_sectors", "plan_items", "plan_caps", "actions", "scenario_states", "cross_impacts",
}
# evidence of a cluster's strength that is a choice of its plans; [plan of the city, name, Chinese name]
CHOICES = {
    "city_focus": ("city", "Industrial focus of {}", "{}产业布局重点"),
    "industry_cluster_target_2030": ("city", "Industrial focus of {}", "{}产业布局重点"),
    "industry_size_target_2026": ("city", "Industrial focus of {}", "{}产业布局重点"),
    "moST_pilot_zone_focus": ("pilot_zone", "Pilot zone for artificial intelligence of {}", "{}新一代人工智能试验区"),
    "g60_corridor_industry_map": ("g60", "{} in the industry map of the G60 corridor", "G60科创走廊产业地图：{}"),
}
TARGET_YEARS = {"industry_cluster_target_2030": "2030", "industry_size_target_2026": "2026"}

# Chinese columns of tables whose rows are not named entities
UNNAMED_ZH = {"reference_classes": "subject_zh", "shocks": "what_zh"}

# words in the unit that qualify the value
QUALIFIERS = {
    "more than": "more_than",
    "nearly": "almost",
    "almost": "almost",
    "nearly half": "almost",
    "just under": "almost",
    "about": "about",
}
# words in the unit that name a wider area than the country column
COVERAGE = {"Europe": "Europe", "39 EPO states": "39 states of the European Patent Organisation"}
# words in the unit that repeat the name of the indicator
REPEATED = {"cumulative, low": "cumulative", "cumulative, high": "cumulative"}


def read(path):
    with open(path, newline="", encoding="utf-8-sig") as handle:
        return list(csv.DictReader(handle))


def own(name):
    return read(HERE / "own" / f"{name}.csv")


def schema():
    """{table: (its row in tables.csv, its columns)} in the order of tables.csv."""
    return {row["table"]: (row, read(SCHEMA / row["file"])) for row in read(SCHEMA / "tables.csv")}


def key_columns(columns):
    return [c["column"] for c in columns if c["key"] == "true"]


def split_unit(unit):
    """('percent of world (more than)') -> ('percent of world', 'more_than', '')."""
    match = re.fullmatch(r"(.*) \(([^()]*)\)", unit)
    if not match:
        return unit, "exact", ""
    stem, word = match.groups()
    if word in QUALIFIERS:
        return stem, QUALIFIERS[word], ""
    if word in COVERAGE:
        return stem, "exact", COVERAGE[word]
    return f"{stem} ({REPEATED.get(word, word)})", "exact", ""


def indicator_kind(unit, coverage):
    """A share is comparable across countries only where it describes a country or the EU."""
    if unit == "rank":
        return "rank"
    if unit.startswith("percent"):
        return "other" if coverage else "share"
    return "other" if " per " in unit and unit.endswith("employees") else "count"


def is_number(text):
    try:
        return decimal.Decimal(text).is_finite()
    except decimal.InvalidOperation:
        return False


def shape_indicator(row):
    row["unit"], row["qualifier"], row["coverage"] = split_unit(row["unit"])
    row["kind"] = indicator_kind(row["unit"], row["coverage"])


def shape_strength(row):
    row["unit"], row["qualifier"], _ = split_unit(row["unit"])
    if not is_number(row["value"]):
        row["label"], row["value"] = row["value"], ""


def shape_supply(row):
    row["qualifier"] = "exact"


def shape_shock(row):
    """A share of supply that was hit is one of the world's unless the unit says otherwise; cuts are a country's."""
    basis = row["severity_basis"]
    if basis == "supply_share_affected" and "national" not in row["unit"]:
        row["severity_of"] = "world"
    elif basis and basis not in ("price_change", "import_share_change"):
        row["severity_of"] = "country"


SHAPE = {
    "technology_indicators": shape_indicator,
    "cluster_strengths": shape_strength,
    "chain_supply": shape_supply,
    "shocks": shape_shock,
}


def cite(row, source_of, where, problems):
    """Replace every `*_source_url` column by a `*_source` column that holds source ids."""
    for column in [c for c in row if c.endswith("source_url")]:
        url = row.pop(column)
        if url and url not in source_of:
            problems.append(f"{where}: cited page is not among the sources: {url}")
        row[column.removesuffix("_url")] = source_of.get(url, "")


def from_facts(facts, tables, problems):
    source_of = {s["url"]: s["id"] for s in tables["sources"] if s["url"]}
    for table, (file, renamed) in FROM_FACTS.items():
        rows = read(facts / f"{file}.csv")
        for number, row in enumerate(rows, 2):
            for old, new in renamed.items():
                row[new] = row.pop(old)
            cite(row, source_of, f"{file}.csv:{number}", problems)
            if table in SHAPE:
                SHAPE[table](row)
        tables[table] = rows


def add_own(tables):
    for table in FROM_OWN:
        tables[table] = [dict(row, source=EDITORS) for row in own(table)]
    region_of = {row["cluster"]: row["region"] for row in own("cluster_regions")}
    for row in tables["clusters"]:
        row["region"] = region_of.pop(row["id"], "")
    assert not region_of, f"regions given for unknown clusters: {sorted(region_of)}"
    tables["reference_cases"] = [dict(row, source=EDITORS) for row in own("reference_cases")]
    tables["mineral_uses"] = own("mineral_uses")
    tables["challenges"] = [dict(row, source=EDITORS) for row in own("challenges")]
    tables["exchange_rates"] = [exchange_rate(row) for row in own("exchange_rates")]
    tables["deflators"] = deflators(own("deflators"))


def add_plans(tables):
    """Plans and clauses from strategy documents (national) and from published choices of cities."""
    policies = {row["id"]: row for row in tables["policies"]}
    field_of = {row["id"]: row["field"] for row in tables["technologies"]}
    plans, clauses = [], []
    for row in own("plans"):
        policy = policies[row["policy"]]
        plans.append(dict(row, level="national", place=policy["jurisdiction"], name=policy["title"],
                          name_zh=policy.get("title_zh", ""), source=policy["source"]))
        by_field = {}
        for technology in policy["technology_ids"].split(";"):
            by_field.setdefault(field_of[technology], []).append(technology)
        for field, technologies in sorted(by_field.items()):
            clauses.append({
                "id": f"{row['id']}.{field}", "plan_id": row["id"], "summary": "Names these technologies.",
                "summary_zh": "点名这些技术。", "technology_ids": ";".join(technologies), "source": policy["source"],
            })
    for row in own("targets"):
        clauses.append(dict(row, source=policies[row["plan_id"]]["source"]))
    city = {row["id"]: row for row in tables["clusters"]}
    named = {row["id"]: row["name_zh"] for row in tables["technologies"] + tables["fields"]}
    made = {}
    for row in sorted(tables["cluster_strengths"], key=lambda r: (r["cluster_id"], r["year"], r["technology_id"])):
        if row["evidence"] not in CHOICES or row["technology_id"] == "cross":
            continue
        suffix, name, name_zh = CHOICES[row["evidence"]]
        plan = f"{row['cluster_id']}_{suffix}"
        place = city[row["cluster_id"]]
        if plan not in made:
            made[plan] = {
                "id": plan, "level": "cluster", "place": place["id"], "from_year": row["year"],
                "name": name.format(place["name"]), "name_zh": name_zh.format(place["name_zh"]), "source": row["source"],
            }
        clause = {
            "id": f"{plan}.{row['technology_id']}", "plan_id": plan, "technology_ids": row["technology_id"],
            "summary": row.get("label") or "Target for the size of the industry.",
            "summary_zh": f"布局重点：{named[row['technology_id']]}。", "source": row["source"],
        }
        if row["evidence"] in TARGET_YEARS:
            clause |= {
                "quantity": f"{row['technology_id']}_output", "sense": "at_least", "amount": row["value"],
                "unit": row["unit"], "qualifier": row["qualifier"], "deadline": TARGET_YEARS[row["evidence"]],
            }
        clauses.append(clause)
    tables["plans"], tables["clauses"] = plans + list(made.values()), clauses


def exchange_rate(row):
    """Units of the currency per US dollar, to six significant digits."""
    value = decimal.Decimal(row["value"])
    per_usd = {"units_per_usd": value, "usd_per_unit": 1 / value}[row["quoted"]]
    return {
        "currency": row["currency"],
        "year": row["year"],
        "per_usd": significant(per_usd, 6),
        "source": row["source"],
    }


def deflators(rows):
    """Indices rebased so that the base year is 100, to six significant digits."""
    base = {r["country"]: decimal.Decimal(r["value"]) for r in rows if r["year"] == DEFLATOR_BASE}
    return [
        {
            "country": r["country"],
            "year": r["year"],
            "index": significant(100 * decimal.Decimal(r["value"]) / base[r["country"]], 6),
            "base_year": DEFLATOR_BASE,
            "measure": r["measure"],
            "source": r["source"],
        }
        for r in rows
    ]


def significant(number, digits):
    rounded = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_EVEN).plus(number)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def add_names(tables, layout, problems):
    """Chinese names; a name that the facts hold already is not given a second time."""
    for name in own("names_zh"):
        table = name["table"]
        column = UNNAMED_ZH.get(table) or layout[table][0]["name_zh_column"]
        row = next((r for r in tables[table] if r["id"] == name["id"]), None)
        if row is None:
            problems.append(f"own/names_zh.csv: {table} has no row {name['id']}")
        elif row.get(column):
            problems.append(f"own/names_zh.csv: {table} {name['id']} has a Chinese name already")
        else:
            row[column] = name["name_zh"]


def adjust(tables, layout, problems):
    for a in own("adjustments"):
        keys = key_columns(layout[a["table"]][1])
        hits = [r for r in tables[a["table"]] if "/".join(r[k] for k in keys) == a["key"]]
        if len(hits) != 1 or a["column"] not in {c["column"] for c in layout[a["table"]][1]}:
            problems.append(f"own/adjustments.csv: {a['table']} {a['key']} {a['column']}: {len(hits)} rows")
        for row in hits:
            row[a["column"]] = a["value"]


def is_noncommercial(source):
    return source["redistributable"] == "no" or "-NC" in source["licence"]


def drop_noncommercial(tables, layout, problems):
    """Sources under a non-commercial licence are left out; a row that still cites one is a problem."""
    dropped = {s["id"] for s in tables["sources"] if is_noncommercial(s)}
    for table, rows in tables.items():
        columns = [c["column"] for c in layout[table][1] if c["references"] == "sources.id"]
        for row in rows:
            for column in columns:
                if row.get(column) in dropped:
                    problems.append(f"{table}: cites the non-commercial source {row[column]}")
    tables["sources"] = [s for s in tables["sources"] if s["id"] not in dropped]
    for source in tables["sources"]:
        if source["licence"] == "unknown":
            source["licence"] = "not stated"
    return len(dropped)


def check_columns(tables, layout, problems):
    for table, rows in tables.items():
        columns = {c["column"] for c in layout[table][1]}
        for row in rows:
            extra = set(row) - columns
            if extra:
                problems.append(f"{table}: columns without a schema: {sorted(extra)}")
                break


def check_keys(tables, layout, problems):
    for table, rows in tables.items():
        keys, seen = key_columns(layout[table][1]), set()
        for row in rows:
            key = "/".join(row[k] for k in keys)
            if key in seen or not key.strip("/"):
                problems.append(f"{table}: key {key!r} is empty or used twice")
            seen.add(key)


def check_references(tables, layout, problems):
    ids = {t: {r["id"] for r in rows if "id" in r} for t, rows in tables.items()}
    for table, rows in tables.items():
        for column in layout[table][1]:
            if not column["references"]:
                continue
            allowed = set()
            for part in column["references"].split("|"):
                allowed |= {part[1:]} if part.startswith("=") else ids[part.split(".")[0]]
            many = column["type"] in ("ids", "countries")
            for row in rows:
                cell = row.get(column["column"], "")
                for value in filter(None, cell.split(";") if many else [cell]):
                    if value not in allowed:
                        problems.append(f"{table}.{column['column']}: {value!r} is unknown")


def check_required(tables, layout, problems):
    for table, rows in tables.items():
        for column in layout[table][1]:
            if column["required"] == "true" and any(not r.get(column["column"]) for r in rows):
                problems.append(f"{table}.{column['column']}: required, but blank in some row")


def check_chinese(tables, layout, problems):
    """Every column that ends in `_zh` is filled; a name in letters only would be a forgotten translation."""
    for table, rows in tables.items():
        for column in [c["column"] for c in layout[table][1] if c["column"].endswith("_zh")]:
            english = column.removesuffix("_zh")
            for row in rows:
                if english in row and not row[english]:
                    continue
                if not re.search("[\u4e00-\u9fff]", row.get(column, "")):
                    problems.append(f"{table}.{column}: no Chinese name for {row['id']}")


def check_shares(tables, problems):
    """Shares of one node, basis and year never exceed the whole."""
    total = {}
    for row in tables["chain_supply"]:
        group = row["node_id"], row["basis"], row["year"]
        total[group] = total.get(group, 0) + decimal.Decimal(row["share_pct"])
    problems += [f"chain_supply: {'/'.join(g)} adds up to {t}" for g, t in total.items() if t > 100]


def render(rows, columns):
    names = [c["column"] for c in columns]
    keys = key_columns(columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in sorted(rows, key=lambda r: [r[k] for k in keys]):
        writer.writerow([row.get(name, "") for name in names])
    return out.getvalue()


def build(facts, problems):
    layout = schema()
    tables = {"sources": read(facts / "sources.csv") + own("sources")}
    counts = {"sources": len(tables["sources"])}
    from_facts(facts, tables, problems)
    counts.update({t: len(read(facts / f"{file}.csv")) for t, (file, _) in FROM_FACTS.items()})
    add_own(tables)
    add_names(tables, layout, problems)
    adjust(tables, layout, problems)
    add_plans(tables)
    counts["sources"] -= drop_noncommercial(tables, layout, problems)
    for table, count in counts.items():
        if len(tables[table]) != count:
            problems.append(f"{table}: {len(tables[table])} rows, but the facts hold {count}")
    missing = set(layout) ^ set(tables) ^ WITHOUT_ROWS
    if missing:
        problems.append(f"tables without rows or without a schema: {sorted(missing)}")
    check_columns(tables, layout, problems)
    check_keys(tables, layout, problems)
    check_references(tables, layout, problems)
    check_required(tables, layout, problems)
    check_chinese(tables, layout, problems)
    check_shares(tables, problems)
    return {t: (len(tables[t]), render(tables[t], layout[t][1])) for t in layout if t in tables}


def main(arguments):
    if len(arguments) != 1:
        sys.exit("usage: convert.py PATH_TO_FACTS")
    problems = []
    built = build(pathlib.Path(arguments[0]), problems)
    if problems:
        sys.exit("\n".join(problems))
    folder = HERE / "evidence"
    folder.mkdir(exist_ok=True)
    for table, (count, text) in built.items():
        (folder / f"{table}.csv").write_text(text, encoding="utf-8", newline="\n")
        print(f"{table:24}{count:6}")


if __name__ == "__main__":
    main(sys.argv[1:])
