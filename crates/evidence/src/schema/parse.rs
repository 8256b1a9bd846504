//! From the schema files to their types. Every slip in a schema file is found here, at the first use.

use std::collections::BTreeSet;

use model::Kind;

use super::{ColumnSchema, ColumnType, Reference, SchemaError, TableSchema};

const TABLES: &str = "tables.csv";

pub(super) fn tables<'a>(
    file: &impl Fn(&str) -> Option<&'a str>,
) -> Result<Vec<TableSchema>, SchemaError> {
    let mut tables = Vec::new();
    for row in rows(TABLES, file)? {
        let name = row.required("table")?;
        let description = format!("{name}.csv");
        let mut columns = Vec::new();
        for column in rows(&description, file)? {
            columns.push(parse_column(&column)?);
        }
        let table = TableSchema {
            file: row.required("file")?,
            row: [row.required("row_en")?, row.required("row_zh")?],
            entity_kind: row
                .optional("entity_kind")
                .map(|word| kind(&row, &word))
                .transpose()?,
            name_columns: [
                row.optional("name_en_column"),
                row.optional("name_zh_column"),
            ],
            name,
            columns,
        };
        check_table(&row, &table)?;
        tables.push(table);
    }
    check_references(&tables)?;
    Ok(tables)
}

fn parse_column(row: &Row) -> Result<ColumnSchema, SchemaError> {
    let word = row.required("type")?;
    let kind = ColumnType::ALL
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, kind)| *kind)
        .ok_or_else(|| row.fault(format!("no such type: {word}")))?;
    Ok(ColumnSchema {
        name: row.required("column")?,
        kind,
        unit: row.optional("unit").unwrap_or_default(),
        required: row.flag("required")?,
        key: row.flag("key")?,
        references: row
            .split("references", '|')
            .iter()
            .map(|r| reference(row, r))
            .collect::<Result<_, _>>()?,
        accepted: row.split("accepted", ';'),
        min: row.number("min")?,
        max: row.number("max")?,
        default: row.optional("default"),
        description: [
            row.required("description_en")?,
            row.required("description_zh")?,
        ],
    })
}

fn reference(row: &Row, text: &str) -> Result<Reference, SchemaError> {
    if let Some(word) = text.strip_prefix('=') {
        return Ok(Reference::Literal(word.to_owned()));
    }
    match text.split_once('.') {
        Some((table, column)) => Ok(Reference::Column {
            table: table.to_owned(),
            column: column.to_owned(),
        }),
        None => Err(row.fault(format!("a reference is table.column or =word, not {text}"))),
    }
}

fn kind(row: &Row, word: &str) -> Result<Kind, SchemaError> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|_| row.fault(format!("no such kind of entity: {word}")))
}

fn check_table(row: &Row, table: &TableSchema) -> Result<(), SchemaError> {
    let mut seen = BTreeSet::new();
    for column in &table.columns {
        if !seen.insert(&column.name) {
            return Err(row.fault(format!(
                "table {} describes column {} twice",
                table.name, column.name
            )));
        }
    }
    for name in table.name_columns.iter().flatten() {
        if table.column(name).is_none() {
            return Err(row.fault(format!("table {} has no column {name}", table.name)));
        }
    }
    Ok(())
}

fn check_references(tables: &[TableSchema]) -> Result<(), SchemaError> {
    for from in tables {
        for column in &from.columns {
            for reference in &column.references {
                let Reference::Column {
                    table,
                    column: target,
                } = reference
                else {
                    continue;
                };
                let known = tables
                    .iter()
                    .any(|t| t.name == *table && t.column(target).is_some());
                if !known {
                    return Err(SchemaError {
                        file: format!("{}.csv", from.name),
                        line: 0,
                        problem: format!(
                            "column {} refers to {table}.{target}, which is not there",
                            column.name
                        ),
                    });
                }
            }
        }
    }
    Ok(())
}

/// A row of a schema file, by column name.
struct Row {
    file: String,
    line: u64,
    headings: csv::StringRecord,
    cells: csv::StringRecord,
}

fn rows<'a>(name: &str, file: &impl Fn(&str) -> Option<&'a str>) -> Result<Vec<Row>, SchemaError> {
    let fault = |line, problem| SchemaError {
        file: name.to_owned(),
        line,
        problem,
    };
    let text = file(name).ok_or_else(|| fault(0, "not found".to_owned()))?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader
        .headers()
        .map_err(|e| fault(1, e.to_string()))?
        .clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let cells = record
            .map_err(|e| fault(e.position().map_or(0, csv::Position::line), e.to_string()))?;
        let line = cells.position().map_or(0, csv::Position::line);
        rows.push(Row {
            file: name.to_owned(),
            line,
            headings: headings.clone(),
            cells,
        });
    }
    Ok(rows)
}

impl Row {
    fn fault(&self, problem: String) -> SchemaError {
        SchemaError {
            file: self.file.clone(),
            line: self.line,
            problem,
        }
    }

    fn optional(&self, column: &str) -> Option<String> {
        let position = self
            .headings
            .iter()
            .position(|heading| heading.trim() == column)?;
        self.cells
            .get(position)
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
    }

    fn required(&self, column: &str) -> Result<String, SchemaError> {
        self.optional(column)
            .ok_or_else(|| self.fault(format!("{column} is empty")))
    }

    fn flag(&self, column: &str) -> Result<bool, SchemaError> {
        match self.optional(column).as_deref() {
            None | Some("false" | "no" | "0") => Ok(false),
            Some("true" | "yes" | "1") => Ok(true),
            Some(other) => Err(self.fault(format!("{column} is true or false, not {other}"))),
        }
    }

    fn number(&self, column: &str) -> Result<Option<f64>, SchemaError> {
        let Some(text) = self.optional(column) else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|_| self.fault(format!("{column} is a number, not {text}")))
    }

    fn split(&self, column: &str, separator: char) -> Vec<String> {
        let text = self.optional(column).unwrap_or_default();
        text.split(separator)
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{ColumnType, Reference, Schema};

    const TABLES: &str = "table,file,row_en,row_zh,entity_kind,name_en_column,name_zh_column\n\
        nodes,nodes.csv,a node,节点,node,name,\n";

    fn schema(nodes: &'static str) -> Result<Schema, super::SchemaError> {
        Schema::from_files(move |name| match name {
            "tables.csv" => Some(TABLES),
            "nodes.csv" => Some(nodes),
            _ => None,
        })
    }

    const HEAD: &str = "column,type,unit,required,key,references,accepted,min,max,default,description_en,description_zh\n";

    #[test]
    fn a_schema_is_read_into_types() {
        let text = format!(
            "{HEAD}id,id,,true,true,,,,,,code,代码\nname,text,,,,,,,,,name,名称\nup,ids,,,,nodes.id|=cross,a; b,0,1.5,x,up,上游\n"
        );
        let schema = schema(Box::leak(text.into_boxed_str())).unwrap();
        let up = schema.table("nodes").unwrap().column("up").unwrap();
        assert_eq!(up.kind, ColumnType::Ids);
        assert_eq!(up.accepted, ["a", "b"]);
        assert_eq!(
            (up.min, up.max, up.default.as_deref()),
            (Some(0.0), Some(1.5), Some("x"))
        );
        let column = Reference::Column {
            table: "nodes".into(),
            column: "id".into(),
        };
        assert_eq!(up.references, [column, Reference::Literal("cross".into())]);
    }

    #[test]
    fn slips_in_a_schema_are_named() {
        for (row, problem) in [
            ("id,idd,,true,true,,,,,,c,代\n", "no such type: idd"),
            (
                "id,id,,maybe,true,,,,,,c,代\n",
                "required is true or false, not maybe",
            ),
            ("id,id,,true,true,,,x,,,c,代\n", "min is a number, not x"),
            ("id,id,,true,true,,,,,,c,\n", "description_zh is empty"),
            (
                "name,id,,true,true,other.id,,,,,c,代\n",
                "column name refers to other.id, which is not there",
            ),
            (
                "id,id,,true,true,,,,,,c,代\n",
                "table nodes has no column name",
            ),
        ] {
            let text: &'static str = Box::leak(format!("{HEAD}{row}").into_boxed_str());
            assert_eq!(schema(text).unwrap_err().problem, problem);
        }
    }

    #[test]
    fn every_type_is_found_by_its_word() {
        for (word, kind) in ColumnType::ALL {
            assert_eq!(kind.as_str(), word);
        }
    }
}
