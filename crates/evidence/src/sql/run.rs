//! Running a query on threads of its own, within its limits.

use std::collections::BTreeSet;
use std::sync::{Arc, mpsc};

use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use futures::StreamExt;

use super::error::SqlError;
use super::result::ResultSet;
use super::sources::{self, CATALOG, EVIDENCE, Owned};
use super::{QueryParams, guard};

/// Parsers and planners descend into nested expressions; a query of the longest allowed length must not exhaust
/// the stack. The memory is reserved, not used.
const PLANNER_STACK: usize = 1 << 30;
const WORKER_STACK: usize = 256 << 20;

/// Runs `work` on a thread with a deep stack. A panic inside becomes an error; so does time that runs out: the
/// engine cannot be stopped from outside, but it cannot keep the caller either.
pub(super) fn on_own_stack<T: Send + 'static>(
    params: &QueryParams,
    work: impl FnOnce() -> Result<T, SqlError> + Send + 'static,
) -> Result<T, SqlError> {
    let (send, receive) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("sql".to_owned())
        .stack_size(PLANNER_STACK);
    // When nobody waits any more the answer is dropped.
    let spawned = thread.spawn(move || drop(send.send(work())));
    spawned.map_err(|error| SqlError::detail("sql.internal", &error.to_string()))?;
    match receive.recv_timeout(params.time) {
        Ok(answer) => answer,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(out_of_time(params)),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(SqlError::detail("sql.internal", "panic")),
    }
}

fn out_of_time(params: &QueryParams) -> SqlError {
    SqlError::new("sql.time", &[("limit", params.time.as_secs_f64().into())])
}

pub(super) fn query(
    sql: &str,
    sources: &[(String, Owned)],
    reads: BTreeSet<String>,
    params: &QueryParams,
) -> Result<ResultSet, SqlError> {
    let statement = guard::statement(sql, params.max_chars)?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = params.threads {
        runtime.worker_threads(threads.max(1));
    }
    let runtime = runtime
        .thread_stack_size(WORKER_STACK)
        .enable_time()
        .build()
        .map_err(|error| SqlError::detail("sql.internal", &error.to_string()))?;
    let answer = runtime.block_on(async {
        tokio::time::timeout(params.time, async {
            let context = context(params)?;
            sources::register(&context, sources).await?;
            let invalid = |error| SqlError::engine(&error, "sql.invalid");
            let failed = |error| SqlError::engine(&error, "sql.failed");
            let plan = context
                .state()
                .statement_to_plan(statement)
                .await
                .map_err(invalid)?;
            // The guard has looked at the statement; the engine's own look at the plan is the second lock.
            let options = SQLOptions::new()
                .with_allow_ddl(false)
                .with_allow_dml(false)
                .with_allow_statements(false);
            options.verify_plan(&plan).map_err(invalid)?;
            let frame = context.execute_logical_plan(plan).await.map_err(failed)?;
            let mut stream = frame.execute_stream().await.map_err(failed)?;
            let mut answer = ResultSet::new(&stream.schema(), reads);
            while let Some(batch) = stream.next().await {
                let batch = batch.map_err(failed)?;
                let room = params.max_rows - answer.rows.len();
                answer.truncated = batch.num_rows() > room;
                let batch = batch.slice(0, batch.num_rows().min(room));
                answer
                    .add(&batch)
                    .map_err(|e| SqlError::detail("sql.failed", &e.to_string()))?;
                if answer.truncated {
                    break;
                }
            }
            Ok(answer)
        })
        .await
    });
    // Work that goes on after the time is up must not keep the caller.
    runtime.shutdown_background();
    answer.unwrap_or_else(|_| Err(out_of_time(params)))
}

fn context(params: &QueryParams) -> Result<SessionContext, SqlError> {
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(params.memory_bytes)))
        .build_arc()
        .map_err(|error| SqlError::engine(&error, "sql.internal"))?;
    let config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, EVIDENCE)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(true)
        // Statistics of Parquet leave NaN out: a column with one number and NaN would be taken for a constant.
        .with_collect_statistics(false);
    Ok(SessionContext::new_with_config_rt(config, runtime))
}
