//! Which statements may run: those that only read.

use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast::{Query, SetExpr, Statement as Ast};
use datafusion::sql::sqlparser::dialect::GenericDialect;

use super::error::SqlError;

/// The one statement of `sql`, if it only reads.
pub(super) fn statement(sql: &str, max_chars: usize) -> Result<Statement, SqlError> {
    if sql.len() > max_chars {
        return Err(SqlError::new(
            "sql.too_long",
            &[("limit", max_chars.into())],
        ));
    }
    if sql.trim().trim_matches(';').trim().is_empty() {
        return Err(SqlError::new("sql.empty", &[]));
    }
    let mut statements = DFParser::parse_sql_with_dialect(sql, &GenericDialect {})
        .map_err(|error| SqlError::engine(&error, "sql.syntax"))?;
    let statement = statements
        .pop_front()
        .ok_or_else(|| SqlError::new("sql.empty", &[]))?;
    if !statements.is_empty() {
        return Err(SqlError::new(
            "sql.several",
            &[("count", (statements.len() + 1).into())],
        ));
    }
    if reads_only(&statement) {
        Ok(statement)
    } else {
        Err(refused(sql))
    }
}

fn refused(sql: &str) -> SqlError {
    let verb: String = sql
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphabetic())
        .take(20)
        .collect();
    SqlError::new("sql.not_read_only", &[("verb", verb.to_uppercase().into())])
}

fn reads_only(statement: &Statement) -> bool {
    match statement {
        Statement::Statement(ast) => ast_reads_only(ast),
        Statement::Explain(explain) => reads_only(&explain.statement),
        Statement::CreateExternalTable(_) | Statement::CopyTo(_) | Statement::Reset(_) => false,
    }
}

fn ast_reads_only(ast: &Ast) -> bool {
    match ast {
        Ast::Query(query) => query_reads_only(query),
        Ast::Explain { statement, .. } => ast_reads_only(statement),
        Ast::ExplainTable { .. }
        | Ast::ShowTables { .. }
        | Ast::ShowColumns { .. }
        | Ast::ShowFunctions { .. }
        | Ast::ShowVariable { .. } => true,
        _ => false,
    }
}

/// A query may hide a change: `WITH x AS (INSERT …)`, `SELECT … INTO`.
fn query_reads_only(query: &Query) -> bool {
    let with = query
        .with
        .iter()
        .flat_map(|with| &with.cte_tables)
        .all(|cte| query_reads_only(&cte.query));
    with && query.locks.is_empty() && set_reads_only(&query.body)
}

fn set_reads_only(set: &SetExpr) -> bool {
    match set {
        SetExpr::Select(select) => select.into.is_none(),
        SetExpr::Query(query) => query_reads_only(query),
        SetExpr::SetOperation { left, right, .. } => set_reads_only(left) && set_reads_only(right),
        SetExpr::Values(_) | SetExpr::Table(_) => true,
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => false,
    }
}
